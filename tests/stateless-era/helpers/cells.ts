import type { TenantOptions, TesseraOptions } from '@tessera-mcp/core';
import { createWorld, HOSTS, SETTINGS, type Setting, type World } from '../../session-era/helpers/world.js';

/** A host, an SDK, and the way that requests of the stateless era take. */
export interface Cell extends Setting {
  readonly direct: boolean;
}

const withBothWays = (settings: readonly Setting[], nameOf = ({ name }: Setting): string => name): Cell[] =>
  settings.flatMap((setting) =>
    [true, false].map((direct) => ({
      ...setting,
      direct,
      name: `${nameOf(setting)}, ${direct ? 'direct' : 'indirect'}`,
    })),
  );

/** Both hosts, both SDKs and both ways. */
export const CELLS: readonly Cell[] = withBothWays(SETTINGS);

/** Both SDKs and both ways without a socket, for what does not depend on the host. */
export const CELLS_IN_PROCESS: readonly Cell[] = CELLS.filter(({ socket }) => !socket);

/** Both SDKs and both ways over sockets. */
export const CELLS_OVER_SOCKETS: readonly Cell[] = CELLS.filter(({ socket }) => socket);

/** Both hosts and both ways, for what does not depend on the server, or has servers of its own. */
export const HOSTS_BOTH_WAYS: readonly Cell[] = withBothWays(HOSTS, ({ host }) => host.name);

/** Makes a world whose tenants are served in the way of the cell. */
export function createCell(
  cell: Cell,
  options: TesseraOptions = {},
  ofAcme: Partial<TenantOptions> = {},
): Promise<World> {
  const ofCell = { ...options, stateless: { direct: cell.direct, ...options.stateless } };
  return createWorld(cell, ofCell, ofAcme);
}
