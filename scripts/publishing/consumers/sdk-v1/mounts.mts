/* A tessera with servers of SDK v1, mounted with Fastify and with Express, and called by a client of SDK v1. */
import { createTessera, generateToken } from '@tessera-mcp/core';
import { callWithSdkV1 } from './shared/client-of-sdk-v1.mjs';
import { onExpress } from './shared/on-express.mjs';
import { onFastify } from './shared/on-fastify.mjs';
import { refusedWithoutToken } from './shared/refused-without-token.mjs';
import { createServerOfSdkV1 } from './shared/server-of-sdk-v1.mjs';

const token = generateToken();
const tessera = createTessera();
tessera.addTenant({ id: 'acme', server: createServerOfSdkV1, tokens: [token] });
for (const mount of [onFastify, onExpress]) {
  const { url, close } = await mount(tessera);
  await refusedWithoutToken(url);
  await callWithSdkV1(url, token);
  await close();
  console.log(mount.name);
}
await tessera.close();
