import { everythingServerV1 } from '../../packages/testing/fixtures/everything-server-v1.js';
import { everythingServerV2 } from '../../packages/testing/fixtures/everything-server-v2.js';
import type { ServerFactory } from '../../packages/core/src/index.js';
import type { AdapterName } from './adapters.js';

/** What is proven in one run of the suite: servers of one SDK behind one adapter. */
export interface Cell {
  readonly name: string;
  readonly sdk: 'v1' | 'v2';
  readonly adapter: AdapterName;
  /** Whether what the suite runs without scoring it must pass too. */
  readonly unscored: boolean;
}

/** What the tenant's server is made by. */
export const FACTORIES: Readonly<Record<Cell['sdk'], ServerFactory>> = {
  v1: everythingServerV1,
  v2: everythingServerV2,
};

/** Every cell, in the order they are run in. */
const CELLS: readonly Cell[] = [
  cell('v1', 'node', true),
  cell('v2', 'node', true),
  cell('v1', 'express'),
  cell('v2', 'fastify'),
  cell('v1', 'hono'),
];

/** The cells to run: all, or the one that was asked for. */
export function chosenCells(name: string | undefined): readonly Cell[] {
  if (name === undefined) return CELLS;
  const chosen = CELLS.filter((one) => one.name === name);
  if (chosen.length > 0) return chosen;
  throw new Error(`There is no cell "${name}", only ${CELLS.map((one) => one.name).join(', ')}.`);
}

function cell(sdk: Cell['sdk'], adapter: AdapterName, unscored = false): Cell {
  return { name: `${adapter}-${sdk}`, sdk, adapter, unscored };
}
