import { currentRelease, releaseOf, type Release, type SdkLine } from './releases.js';

/** A client and a server that are to work together through a tessera. */
export interface Cell {
  readonly client: Release;
  readonly server: Release;
}

/** Clients that are in use, besides those the workspace is developed with. */
const OLD_CLIENTS: readonly (readonly [SdkLine, string])[] = [
  ['v1', '1.10.0'],
  ['v1', '1.18.0'],
  ['v1', '1.24.3'],
  ['v1', '1.29.0'],
  ['v2', '2.0.0'],
];

/** Servers that are in use, besides those the workspace is developed with. */
const OLD_SERVERS: readonly (readonly [SdkLine, string])[] = [
  ['v1', '1.18.0'],
  ['v1', '1.24.3'],
  ['v2', '2.0.0'],
];

/** Every client with today's servers, then every older server with today's client. Installs what is missing. */
export async function prepareCells(): Promise<Cell[]> {
  const clients: Release[] = [];
  for (const [line, version] of OLD_CLIENTS) clients.push(await releaseOf(line, 'client', version));
  const todaysClient = await currentRelease('v1', 'client');
  clients.push(todaysClient, await currentRelease('v2', 'client'));
  clients.sort((one, other) => compareVersions(one.version, other.version));
  const cells: Cell[] = [];
  for (const line of ['v1', 'v2'] as const) {
    const server = await currentRelease(line, 'server');
    cells.push(...clients.map((client) => ({ client, server })));
  }
  for (const [line, version] of OLD_SERVERS) {
    cells.push({ client: todaysClient, server: await releaseOf(line, 'server', version) });
  }
  return cells;
}

/** Sorts `1.9.0` before `1.10.0`. */
export function compareVersions(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true });
}
