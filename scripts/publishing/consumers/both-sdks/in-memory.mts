/* Tests without sockets, with clients of both SDKs; and an adapter described for the suite, as far as types go. */
import { createServer } from 'node:http';
import { createTessera, generateToken } from '@tessera-mcp/core';
import { toNodeHandler } from '@tessera-mcp/node';
import { TEST_URL, inMemoryFetch } from '@tessera-mcp/testing';
import type { AdapterUnderTest, listening } from '@tessera-mcp/testing/conformance';
import { callWithSdkV1 } from './shared/client-of-sdk-v1.mjs';
import { callWithSdkV2 } from './shared/client-of-sdk-v2.mjs';
import { createServerOfSdkV2 } from './shared/server-of-sdk-v2.mjs';

/** Only compiled: the suite itself needs a test runner. */
export function adapterOf(listen: typeof listening): AdapterUnderTest {
  return {
    name: 'node:http',
    mount: (mountable) => {
      const handler = toNodeHandler(mountable);
      return listen(
        createServer((incoming, outgoing) => void handler(incoming, outgoing)),
        mountable,
      );
    },
  };
}

const token = generateToken();
const tessera = createTessera();
tessera.addTenant({ id: 'acme', server: createServerOfSdkV2, tokens: [token] });
await callWithSdkV1(TEST_URL, token, inMemoryFetch(tessera));
await callWithSdkV2(TEST_URL, token, inMemoryFetch(tessera));
await tessera.close();
