import {
  everythingServerV1,
  everythingServerV1ThatReturns,
} from '../../packages/testing/fixtures/everything-server-v1.js';
import { everythingServerV2 } from '../../packages/testing/fixtures/everything-server-v2.js';
import type { ServerFactory } from '../../packages/core/src/index.js';
import type { AdapterName } from './adapters.js';
import type { Revision } from './revisions.js';

/** What is proven in one run of the suite: servers of one SDK behind one adapter, in one revision. */
export interface Cell {
  readonly name: string;
  readonly revision: Revision;
  readonly sdk: 'v1' | 'v2';
  readonly adapter: AdapterName;
  /** Whether handlers ask and wait for the answer, or return what they have to ask. */
  readonly style: 'ask' | 'return';
  /** Whether plain requests go straight to a server that is kept. Only without sessions is there another way. */
  readonly direct: boolean | undefined;
  /** Whether what the suite runs without scoring it must pass too. */
  readonly unscored: boolean;
}

/** What makes the tenant's server. */
export function factoryOf({ sdk, style }: Cell): ServerFactory {
  if (sdk === 'v2') return everythingServerV2;
  return style === 'ask' ? everythingServerV1 : everythingServerV1ThatReturns;
}

const IN_SESSIONS = { revision: '2025-11-25', style: 'ask', direct: undefined } as const;
const STATELESS = { revision: '2026-07-28', direct: true } as const;

/** Every cell, in the order they are run in. */
const CELLS: readonly Cell[] = [
  cell({ ...IN_SESSIONS, adapter: 'node', sdk: 'v1' }),
  cell({ ...IN_SESSIONS, adapter: 'node', sdk: 'v2' }),
  cell({ ...IN_SESSIONS, adapter: 'express', sdk: 'v1' }),
  cell({ ...IN_SESSIONS, adapter: 'fastify', sdk: 'v2' }),
  cell({ ...IN_SESSIONS, adapter: 'hono', sdk: 'v1' }),
  ...[true, false].flatMap((direct) => [
    cell({ ...STATELESS, adapter: 'node', sdk: 'v1', style: 'ask', direct }),
    cell({ ...STATELESS, adapter: 'node', sdk: 'v1', style: 'return', direct }),
    cell({ ...STATELESS, adapter: 'node', sdk: 'v2', style: 'return', direct }),
  ]),
  cell({ ...STATELESS, adapter: 'express', sdk: 'v2', style: 'return' }),
  cell({ ...STATELESS, adapter: 'fastify', sdk: 'v1', style: 'ask' }),
  cell({ ...STATELESS, adapter: 'hono', sdk: 'v1', style: 'return' }),
];

/** The cells of the revisions: all, or the one that was asked for. */
export function chosenCells(revisions: readonly Revision[], name: string | undefined): readonly Cell[] {
  const cells = CELLS.filter(({ revision }) => revisions.includes(revision));
  if (name === undefined) return cells;
  const chosen = cells.filter((one) => one.name === name);
  if (chosen.length > 0) return chosen;
  throw new Error(`There is no cell "${name}", only ${cells.map((one) => one.name).join(', ')}.`);
}

/** Names a cell, such as `node-v1`, and `node-v1-ask-direct` or `node-v2-indirect` without sessions. */
function cell(parts: Omit<Cell, 'name' | 'unscored'>): Cell {
  const { adapter, sdk, style, direct } = parts;
  const stateless = direct !== undefined;
  const name = [
    adapter,
    sdk,
    ...(stateless && sdk === 'v1' ? [style] : []),
    ...(stateless ? [direct ? 'direct' : 'indirect'] : []),
  ].join('-');
  return { ...parts, name, unscored: adapter === 'node' };
}
