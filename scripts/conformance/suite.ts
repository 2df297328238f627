import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installAside, node22 } from '../install-aside.js';
import type { Revision } from './revisions.js';
import { readScenarios, type Scenario } from './results.js';

const NAME = '@modelcontextprotocol/conformance';
const VERSION = '0.2.0-alpha.12';

/** A run takes a few seconds; one that takes this many milliseconds hangs. */
const BOUND_MS = 300_000;

/** The suite, ready to run. */
export interface Suite {
  readonly revision: Revision;
  /** Scenarios that count, by name. */
  readonly scored: readonly string[];
  /** Runs every scenario against an endpoint. */
  run(url: string): Promise<SuiteRun>;
}

/** What came of a run. */
export interface SuiteRun {
  readonly scenarios: ReadonlyMap<string, Scenario>;
  /** What the suite printed at its end, when it did not end well and no scored scenario says why. */
  readonly complaint: string | undefined;
}

/** Installs the suite, once, and reads which of its scenarios a revision of the specification requires. */
export async function prepareSuite(revision: Revision): Promise<Suite> {
  const folder = await installAside(NAME, VERSION);
  const node = await node22();
  const requirements = await readFile(join(folder, 'requirements', `${revision}.yaml`), 'utf8');
  const [, list = ''] = /^server:\n((?: *- .+\n)+)/m.exec(requirements) ?? [];
  const scored = [...list.matchAll(/- (\S+)/g)].map(([, name = '']) => name);
  if (scored.length === 0) throw new Error(`The suite requires nothing of servers for ${revision}.`);
  return {
    revision,
    scored,
    run: (url) =>
      inTemporaryFolder(async (results) => {
        const suite = join(folder, 'dist', 'index.js');
        const options = ['--url', url, '--requirements', revision, '--output-dir', results];
        const { endedWell, printed } = await execute(node, [suite, 'server', ...options]);
        const scenarios = await readScenarios(results);
        const explained = scored.some((name) => (scenarios.get(name)?.complaints ?? []).length > 0);
        const complaint = `The suite did not end well. The last it printed:\n${printed.slice(-500)}`;
        return { scenarios, complaint: endedWell || explained ? undefined : complaint };
      }),
  };
}

async function inTemporaryFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'tessera-conformance-'));
  const remove = (): void => {
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', remove);
  try {
    return await work(folder);
  } finally {
    process.off('exit', remove);
    remove();
  }
}

function execute(program: string, given: string[]): Promise<{ endedWell: boolean; printed: string }> {
  const options = { cwd: tmpdir(), timeout: BOUND_MS, maxBuffer: Infinity };
  return new Promise((resolve) => {
    const child = execFile(program, given, options, (error, stdout, stderr) => {
      process.off('exit', stop);
      resolve({ endedWell: error === null, printed: (stdout + stderr).trimEnd() });
    });
    const stop = (): void => void child.kill();
    process.once('exit', stop);
  });
}
