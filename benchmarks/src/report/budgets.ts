import type { Column } from '../workloads/workload.js';
import type { WorkloadResult } from './results.js';
import { markdownTable } from './tables.js';
import { shown, spreadOfRow } from './values.js';

/** Something that is not to be exceeded. */
interface Budget {
  readonly what: string;
  readonly most: number;
  /** What is aimed at beyond that. */
  readonly aim?: number;
  readonly unit: string;
  readonly digits?: number;
  readonly measured: (find: Find) => number | undefined;
}

/** Finds what a workload has shown for some of its rows: the highest of them. */
type Find = (
  letter: string,
  names: readonly string[],
  figure: string,
  as?: Column['as'],
) => number | undefined;

const ON_NODE = ['session-v1', 'session-v2', 'stateless-v1', 'stateless-v2'].map(
  (name) => `tessera-node-${name}`,
);
const SESSIONS_ON_NODE = ON_NODE.slice(0, 2);

const call = (what: string, name: string, most: number, aim?: number): Budget => ({
  what,
  most,
  ...(aim === undefined ? {} : { aim }),
  unit: '× floor',
  digits: 2,
  measured: (find) => find('a', [name], '16.cpu', 'times'),
});

const times = (
  what: string,
  most: number,
  [letter, figure]: readonly [string, string],
  names: string[],
): Budget => ({
  what,
  most,
  unit: '× floor',
  digits: 2,
  measured: (find) => find(letter, names, figure, 'times'),
});

const value = (
  what: string,
  [most, unit]: readonly [number, string],
  [letter, figure, as]: readonly [string, string, Column['as']?],
  names: readonly string[],
): Budget => ({
  what,
  most,
  unit,
  digits: most < 100 ? 1 : 0,
  measured: (find) => find(letter, names, figure, as ?? 'value'),
});

const expressOver = (sdk: string): Budget => ({
  what: `Express adapter over a bare Express router, session \`tools/call\`, SDK ${sdk}`,
  most: 3,
  unit: '× floor more',
  digits: 2,
  measured: (find) => {
    const adapter = find('a', [`tessera-express-session-${sdk}`], '16.cpu', 'times');
    const router = find('a', ['floor-express-router'], '16.cpu', 'times');
    return adapter === undefined || router === undefined ? undefined : adapter - router;
  },
});

const adapters = (sdk: string, most: readonly [number, number, number]): Budget[] => [
  call(`session \`tools/call\`, SDK ${sdk}, Node`, `tessera-node-session-${sdk}`, most[0]),
  call(`session \`tools/call\`, SDK ${sdk}, Fastify`, `tessera-fastify-session-${sdk}`, most[0]),
  call(`session \`tools/call\`, SDK ${sdk}, Hono`, `tessera-hono-session-${sdk}`, most[1]),
  call(
    `session \`tools/call\`, SDK ${sdk}, Hono without its global override`,
    `tessera-hono-plain-session-${sdk}`,
    most[2],
  ),
];

const BUDGETS: readonly Budget[] = [
  ...adapters('v1', [3.2, 3.6, 5]),
  ...adapters('v2', [4, 4.4, 5.5]),
  call('stateless `tools/call`, SDK v2, Node', 'tessera-node-stateless-v2', 6.5, 5),
  call('stateless `tools/call`, SDK v1, Node', 'tessera-node-stateless-v1', 6, 4.5),
  times('session churn, SDK v2', 6, ['b', '16.cpu'], ['tessera-node-session-v2']),
  times('session churn, SDK v1', 11, ['b', '16.cpu'], ['tessera-node-session-v1']),
  times(
    "`tools/list` of 100 tools, `lists: 'static'`",
    1.6,
    ['f', '16.cpu'],
    ON_NODE.map((name) => `${name}, static`),
  ),
  times('`tools/list` of 100 tools, default age', 6, ['f', '16.cpu'], ON_NODE),
  times('256 KiB result', 1.3, ['d', '16.cpu'], ON_NODE),
  times('1,000 streams: last arrival', 1.5, ['e', 'last'], ON_NODE),
  value('1,000 streams: event loop blocked at a time', [10, 'ms'], ['e', 'blocked'], ON_NODE),
  expressOver('v1'),
  expressOver('v2'),
  value('p99 at 16 connections, session `tools/call`', [5, 'ms'], ['a', '16.p99'], SESSIONS_ON_NODE),
  value('heap of an idle session, SDK v2', [16, 'KiB'], ['c', 'heapMost'], ['tessera-node-session-v2']),
  value('heap of an idle session, SDK v1', [30, 'KiB'], ['c', 'heapMost'], ['tessera-node-session-v1']),
  value(
    'heap of a parked session',
    [1.5, 'KiB'],
    ['c', 'heapMost'],
    SESSIONS_ON_NODE.map((name) => `${name}, parked`),
  ),
  value('heap growth per call over 100,000 calls', [50, 'bytes'], ['h', 'growth'], ON_NODE),
  value('100,000 tokens: memory', [60, 'MB'], ['i', 'memory'], ['100,000 tokens']),
  value('100,000 tokens: p99 of a lookup', [10, 'µs'], ['i', 'p99'], ['100,000 tokens']),
  value('import of core over bare node', [20, 'ms'], ['g', 'import', 'over'], ['@tessera-mcp/core']),
  value("packages in core's tree", [5, 'packages'], ['g', 'packages'], ['@tessera-mcp/core']),
  value(
    "quiet tenant's p99 beside a greedy one",
    [1.5, '× alone'],
    ['j', 'ratio'],
    ['tessera-node-session-v2'],
  ),
  value('errors beside a greedy tenant', [0, 'errors'], ['j', 'errors'], ['tessera-node-session-v2']),
];

/** The budgets as a table in Markdown, with what was measured. */
export function budgetsTable(workloads: readonly WorkloadResult[]): string {
  const find = finder(workloads);
  const rows = BUDGETS.map(({ what, most, aim, unit, digits, measured }) => {
    const found = measured(find);
    const budget = `≤ ${String(most)} ${unit}${aim === undefined ? '' : ` (aim: ${String(aim)})`}`;
    if (found === undefined) return [what, budget, 'not measured', ''];
    return [what, budget, shown(found, digits), found <= most ? 'met' : '**not met**'];
  });
  return markdownTable(['budget', 'at most', 'measured', ''], rows, 2);
}

function finder(workloads: readonly WorkloadResult[]): Find {
  return (letter, names, figure, as = 'value') => {
    const result = workloads.find((one) => one.letter === letter);
    if (result === undefined) return undefined;
    const values = result.rows
      .filter(({ name }) => names.includes(name))
      .flatMap((row) => spreadOfRow(result, row, { figure, as })?.median ?? []);
    return values.length === 0 ? undefined : Math.max(...values);
  };
}
