/* Managing a tessera that is in use. */
import { generateToken, type ServerFactory, type Tessera } from '@tessera-mcp/core';

export async function manage(
  tessera: Tessera,
  {
    createBetterServer,
    meter,
  }: { createBetterServer: ServerFactory; meter: (...call: unknown[]) => unknown },
): Promise<void> {
  //#region manage
  const token = generateToken();
  tessera.addToken('acme', token, { label: 'laptop', expiresAt: Date.now() + 30 * 86_400_000 });
  tessera.rotateToken(token, generateToken(), { graceMs: 60_000 }); // its sessions stay
  await tessera.updateTenant('acme', { server: createBetterServer }); // tried out first; live sessions get it, too
  tessera.on('toolCalled', ({ tenantId, toolName, duration }) => meter(tenantId, toolName, duration));
  tessera.removeTenant('acme'); // its tokens are refused, its sessions end at once
  await tessera.drain({ graceMs: 10_000 }); // before the program ends
  //#endregion
}
