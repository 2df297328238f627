import type { Cell } from './cells.js';
import { clientsV1 } from './clients/client-v1.js';
import { clientsV2 } from './clients/client-v2.js';
import { gapOf, revisionOf, type Gap } from './gaps.js';
import { ROWS } from './rows.js';
import { makerV1 } from './servers/server-v1.js';
import { makerV2 } from './servers/server-v2.js';
import { bounded } from './until.js';
import { startWorld } from './world.js';

/** How a row went. */
export interface Outcome {
  readonly row: string;
  /** Why the row cannot work between these releases; what happens instead was checked. */
  readonly gap: Gap | undefined;
  /** What went wrong. */
  readonly failure: unknown;
}

/** How a cell went. */
export interface CellResult extends Cell {
  readonly protocolVersion: string;
  readonly outcomes: readonly Outcome[];
}

/** Runs every row in one session between the two releases of a cell. */
export async function runCell(cell: Cell): Promise<CellResult> {
  const { client, server } = cell;
  const open = await (client.line === 'v1' ? clientsV1(client) : clientsV2(client));
  const make = await (server.line === 'v1' ? makerV1(server) : makerV2(server));
  const protocolVersion = revisionOf(client, server);
  const world = await startWorld(make, open);
  const outcomes: Outcome[] = [];
  try {
    for (const [name, run] of Object.entries(ROWS)) {
      const gap = gapOf(name, cell);
      const work = gap === undefined ? run(world, { protocolVersion }) : gap.prove(world);
      const failure: unknown = await bounded(work).then(
        () => undefined,
        (thrown: unknown) => thrown ?? new Error('Nothing was said.'),
      );
      outcomes.push({ row: name, gap, failure });
    }
  } finally {
    await world.close();
  }
  return { ...cell, protocolVersion, outcomes };
}
