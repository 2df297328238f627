/* A tessera with servers of SDK v2, mounted on Node and with Hono, and called by a client of SDK v2. */
import { createTessera, generateToken } from '@tessera-mcp/core';
import { callWithSdkV2 } from './shared/client-of-sdk-v2.mjs';
import { onHono } from './shared/on-hono.mjs';
import { onNode, served } from './shared/on-node.mjs';
import { refusedWithoutToken } from './shared/refused-without-token.mjs';
import { createServerOfSdkV2 } from './shared/server-of-sdk-v2.mjs';

const token = generateToken();
const tessera = createTessera();
tessera.addTenant({ id: 'acme', server: createServerOfSdkV2, tokens: [token] });
for (const mount of [onNode, served, onHono]) {
  const { url, close } = await mount(tessera);
  await refusedWithoutToken(url);
  await callWithSdkV2(url, token);
  await close();
  console.log(mount.name);
}
await tessera.close();
