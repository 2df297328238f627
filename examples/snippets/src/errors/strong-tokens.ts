/* A tessera that takes only tokens nobody can guess. */
//#region import
import { createTessera, generateToken } from '@tessera-mcp/core';
//#endregion
import type { ServerFactory, Tessera } from '@tessera-mcp/core';

export function strongTokensOnly(createServer: () => ReturnType<ServerFactory>): Tessera {
  //#region weak_token
  const tessera = createTessera({ tokens: { minimumBits: 128 } });
  tessera.addTenant({ id: 'acme', server: () => createServer(), tokens: [generateToken()] });
  //#endregion
  return tessera;
}
