/* A tessera with servers of both SDKs, mounted with every adapter, and called by clients of both SDKs. */
import { createTessera, generateToken } from '@tessera-mcp/core';
import { callWithSdkV1 } from './shared/client-of-sdk-v1.mjs';
import { callWithSdkV2 } from './shared/client-of-sdk-v2.mjs';
import { onExpress } from './shared/on-express.mjs';
import { onFastify } from './shared/on-fastify.mjs';
import { onHono } from './shared/on-hono.mjs';
import { onNode, served } from './shared/on-node.mjs';
import { refusedWithoutToken } from './shared/refused-without-token.mjs';
import { createServerOfSdkV1 } from './shared/server-of-sdk-v1.mjs';
import { createServerOfSdkV2 } from './shared/server-of-sdk-v2.mjs';

const tokens = [generateToken(), generateToken()] as const;
const tessera = createTessera();
tessera.addTenant({ id: 'acme', server: createServerOfSdkV1, tokens: [tokens[0]] });
tessera.addTenant({ id: 'globex', server: createServerOfSdkV2, tokens: [tokens[1]] });
for (const mount of [onNode, served, onFastify, onExpress, onHono]) {
  const { url, close } = await mount(tessera);
  await refusedWithoutToken(url);
  for (const token of tokens) {
    await callWithSdkV1(url, token);
    await callWithSdkV2(url, token);
  }
  await close();
  console.log(mount.name);
}
await tessera.close();
