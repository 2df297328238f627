import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './run.js';

const FOLDER = join(tmpdir(), 'tessera-tools');
const NODE_MAJOR = 22;

/**
 * Installs a package of npm in a folder of its own outside the workspace, unless it is there already, and returns the
 * folder the package is in.
 */
export async function installAside(name: string, version: string): Promise<string> {
  const prefix = join(FOLDER, `${name.replace('/', '+')}@${version}`);
  // Written last: an installation that was interrupted is done again.
  const done = join(prefix, 'installed');
  if (!existsSync(done)) {
    await mkdir(prefix, { recursive: true });
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
    const code = await run('npm', ['install', '--prefix', prefix, ...quiet, `${name}@${version}`]);
    if (code !== 0) throw new Error(`${name}@${version} could not be installed.`);
    await writeFile(done, '');
  }
  return join(prefix, 'node_modules', name);
}

/** A Node that is new enough for tools that need version 22: the running one, or one that is installed aside. */
export async function node22(): Promise<string> {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  const folder = await installAside(`node-${platform()}-${arch()}`, String(NODE_MAJOR));
  return join(folder, 'bin', 'node');
}
