import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { percentile, rotated, spreadOf } from '../../benchmarks/src/load/statistics.js';
import { measureWorkload } from '../../benchmarks/src/measure-workload.js';
import { readOptions } from '../../benchmarks/src/options.js';
import { aheadOfUs } from '../../benchmarks/src/report/ahead.js';
import { budgetsTable } from '../../benchmarks/src/report/budgets.js';
import { PAGE, filledPage, merged, readResults } from '../../benchmarks/src/report/page.js';
import type { Results, Row, WorkloadResult } from '../../benchmarks/src/report/results.js';
import { sectionOf } from '../../benchmarks/src/report/tables.js';
import type { Entry, Workload } from '../../benchmarks/src/workloads/workload.js';

const COLUMNS = [
  { heading: '× floor', figures: ['16.cpu'], as: 'times', digits: 2, range: true, compared: true },
  { heading: 'µs', figures: ['16.cpu'], as: 'value', digits: 1 },
] as const;

function row(name: string, cpu: readonly (number | null)[], more: Partial<Row> = {}): Row {
  const rounds = cpu.map((value) => (value === null ? null : { '16.cpu': value }));
  return { name, group: 'floors', rounds, ...more };
}

function result(...rows: readonly Row[]): WorkloadResult {
  return { letter: 'a', title: 'Calls', about: 'Calls.', base: 'floor', columns: COLUMNS, rows };
}

describe('Statistics', () => {
  test('have the middle of even and odd numbers of values, and none of nothing.', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, low: 1, high: 3 });
    expect(spreadOf([4, 1, 2, 10])).toEqual({ median: 3, low: 1, high: 10 });
    expect(spreadOf([])).toBeUndefined();
  });

  test('have percentiles of sorted values.', () => {
    const hundred = Float64Array.from({ length: 100 }, (_, index) => index + 1);
    expect([percentile(hundred, 0.5), percentile(hundred, 0.99), percentile(hundred, 1)]).toEqual([
      51, 100, 100,
    ]);
    expect(percentile(new Float64Array(), 0.5)).toBeNaN();
  });

  test('begin at another candidate in each round, and leave none out.', () => {
    expect(rotated(['a', 'b', 'c'], 1)).toEqual(['b', 'c', 'a']);
    expect(rotated(['a', 'b', 'c'], 5)).toEqual(['c', 'a', 'b']);
    expect(rotated([], 3)).toEqual([]);
  });
});

describe('A table', () => {
  test('shows multiples of the floor of the same round, not of another one.', () => {
    const section = sectionOf(result(row('floor', [10, 20]), row('one', [30, 40], { group: 'ours' })));
    expect(section).toContain('| floor | – | – | 1.00 | 15.0 |');
    expect(section).toContain('| one | – | – | 2.50 (2.00–3.00) | 35.0 |');
  });

  test('says what has failed and why, and shows what was measured before.', () => {
    const failed = row('one', [30, null], { failure: 'It gave\na wrong answer.' });
    const section = sectionOf(result(row('floor', [10, 20]), failed));
    expect(section).toContain('| one **failed** | – | – | 3.00 | 30.0 |');
    expect(section).toContain('**one has failed**: It gave a wrong answer.');
  });

  test('shows what readers should know of a candidate below it, once.', () => {
    const note = 'It cannot do something.';
    const section = sectionOf(
      result(row('floor', [10]), row('one', [30], { note }), row('two', [40], { note })),
    );
    expect(section).toContain('| one [1] |');
    expect(section).toContain('| two [1] |');
    expect(section.split(note)).toHaveLength(2);
  });
});

describe('Comparisons', () => {
  test('name every peer that is ahead of one of ours in the same era, and no other.', () => {
    const ours = row('ours', [30], { group: 'ours', era: 'session' });
    const ahead = row('ahead', [20], { group: 'peers', era: 'session' });
    const behind = row('behind', [40], { group: 'peers', era: 'session' });
    const elsewhere = row('elsewhere', [20], { group: 'peers', era: 'stateless' });
    const text = aheadOfUs([result(row('floor', [10]), ours, ahead, behind, elsewhere)]);
    expect(text).toBe('- Calls, × floor: ahead (2.00) before ours (3.00)');
  });

  test('with budgets say what was met, what was not, and what was not measured.', () => {
    const table = budgetsTable([
      result(row('floor', [10]), row('tessera-node-session-v1', [30]), row('tessera-node-session-v2', [50])),
    ]);
    expect(table).toContain('| session `tools/call`, SDK v1, Node | ≤ 3.2 × floor | 3.00 | met |');
    expect(table).toContain('| session `tools/call`, SDK v2, Node | ≤ 4 × floor | 5.00 | **not met** |');
    expect(table).toContain('| session churn, SDK v2 | ≤ 6 × floor | not measured |  |');
  });
});

describe('A workload', () => {
  test('measures each entry once a round, goes on when one fails, and leaves that one out.', async () => {
    const order: string[] = [];
    const entry = (name: string, fails = false): Entry => ({
      name,
      group: 'ours',
      measure: () => {
        order.push(name);
        return fails ? Promise.reject(new Error('broken')) : Promise.resolve({ '16.cpu': 1.234567 });
      },
    });
    const workload: Workload = {
      letter: 'a',
      title: 'Calls',
      about: '',
      rounds: 2,
      columns: COLUMNS,
      entries: [entry('a'), entry('b', true)],
    };
    const { rows } = await measureWorkload(workload, () => undefined);
    expect(order).toEqual(['a', 'b', 'a']);
    expect(rows[0]?.rounds).toEqual([{ '16.cpu': 1.2346 }, { '16.cpu': 1.2346 }]);
    expect(rows[1]).toMatchObject({ rounds: [null, null], failure: 'broken' });
  });
});

describe('A long round', () => {
  test('measures what others are compared with three times, spread over it, and counts the middle.', async () => {
    const order: string[] = [];
    const costs = [90, 20, 21];
    const entry = (name: string): Entry => ({
      name,
      group: 'floors',
      measure: () => {
        order.push(name);
        return Promise.resolve({ '16.cpu': name === 'floor' ? (costs.shift() ?? NaN) : 40 });
      },
    });
    const names = ['a', 'b', 'floor', 'c', 'd', 'e'];
    const shared = { letter: 'a', title: 'Calls', about: '', columns: COLUMNS, base: 'floor' };
    const workload: Workload = { ...shared, rounds: 1, entries: names.map(entry) };
    const { rows } = await measureWorkload(workload, () => undefined);
    expect(order).toEqual(['a', 'floor', 'b', 'floor', 'c', 'd', 'floor', 'e']);
    expect(rows.map(({ rounds }) => rounds[0]?.['16.cpu'])).toEqual([40, 40, 21, 40, 40, 40]);
  });
});

describe('Options', () => {
  test('refuse what would keep something else than whole workloads, and what is unknown.', () => {
    expect(() => readOptions(['--write', '--quick'])).toThrow('--write');
    expect(() => readOptions(['--write', '--candidate', 'floor-http'])).toThrow('--write');
    expect(() => readOptions(['--rounds', '0'])).toThrow('--rounds');
    expect(() => readOptions(['--candidate', 'nobody'])).toThrow('no candidate "nobody"');
  });
});

describe('The page', () => {
  const results: Results = {
    mode: 'full',
    date: '2026-01-01',
    machine: { node: '20', cpu: 'some', cores: 2, memoryGiB: 8, system: 'Linux', pinned: true },
    versions: { one: '1.0.0' },
    workloads: [result(row('floor', [10]))],
  };

  test('keeps what stands before and behind its tables, and is the same when it is filled again.', async () => {
    const page = await filledPage(
      '# Title\n\nBefore.\n\n<!-- results -->\nold\n<!-- /results -->\n\nBehind.\n',
      results,
    );
    expect(page).toMatch(/^# Title\n\nBefore\.\n/);
    expect(page).toMatch(/\nBehind\.\n$/);
    expect(page).not.toContain('old');
    expect(await filledPage(page, results)).toBe(page);
    await expect(filledPage('# Title\n', results)).rejects.toThrow('<!-- results -->');
  });

  test('takes a part of a run only of the same machine and the same versions.', () => {
    const part: Results = { ...results, workloads: [{ ...result(row('floor', [11])), letter: 'b' }] };
    expect(merged(results, part).workloads.map(({ letter }) => letter)).toEqual(['a', 'b']);
    expect(() => merged(results, { ...part, versions: { one: '1.0.1' } })).toThrow('versions');
  });

  test('shows the run that is kept.', async () => {
    const kept = await readResults();
    if (kept === undefined) return;
    const page = await readFile(PAGE, 'utf8');
    expect(page, 'Run: pnpm bench --write').toBe(await filledPage(page, kept));
  });
});
