/* Customers apart from their tokens. */
//#region import
import { createTessera } from '@tessera-mcp/core';
import { serve } from '@tessera-mcp/node';
//#endregion
import type { Principal, ServerFactory } from '@tessera-mcp/core';

/** What the program around the tessera knows. */
interface Program {
  readonly laptopToken: string;
  readonly newLaptopToken: string;
  readonly createServerFor: (principal: Principal) => ReturnType<ServerFactory>;
}

export async function serveCustomers({
  laptopToken,
  newLaptopToken,
  createServerFor,
}: Program): Promise<void> {
  //#region tenants
  const tessera = createTessera({ limits: { sessions: 20 } });
  tessera.addTenant({ id: 'acme', server: ({ principal }) => createServerFor(principal) });
  tessera.addToken('acme', laptopToken, { label: 'laptop', expiresAt: Date.now() + 30 * 86_400_000 });
  tessera.rotateToken(laptopToken, newLaptopToken, { graceMs: 60_000 }); // sessions stay
  await serve(tessera, { port: 8080 }); // or tessera.fetch(request), or in your app: see below
  //#endregion
}
