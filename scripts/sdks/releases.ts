import { createRequire } from 'node:module';
import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installAside } from '../install-aside.js';
import { ROOT } from '../run.js';

/** The two lines of the SDK: the one package of version 1, and the packages of version 2. */
export type SdkLine = 'v1' | 'v2';

/** What a release is used for. */
export type Side = 'client' | 'server';

/** One version of the SDK on this machine. */
export interface Release {
  readonly line: SdkLine;
  readonly version: string;
  /** The package's own folder. */
  readonly folder: string;
}

const NAMES: Readonly<Record<SdkLine, Readonly<Record<Side, string>>>> = {
  v1: { client: '@modelcontextprotocol/sdk', server: '@modelcontextprotocol/sdk' },
  v2: { client: '@modelcontextprotocol/client', server: '@modelcontextprotocol/server' },
};

/** A version that the workspace has itself is taken from there; any other is installed in a folder of its own. */
export async function releaseOf(line: SdkLine, side: Side, version: string): Promise<Release> {
  const current = await currentRelease(line, side);
  if (current.version === version) return current;
  return { line, version, folder: await installAside(NAMES[line][side], version) };
}

/** The version that the workspace is developed with. */
export async function currentRelease(line: SdkLine, side: Side): Promise<Release> {
  const folder = await realpath(join(ROOT, 'packages/testing/node_modules', NAMES[line][side]));
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { line, version: manifest.version, folder };
}

/** Loads a module of a release, as that release built it for `import`. */
export function importFrom({ folder }: Release, path: string): Promise<unknown> {
  return import(pathToFileURL(join(folder, path)).href);
}

/** Loads a package that a release depends on, in the version that the release finds. */
export function requireBeside({ folder }: Release, name: string): unknown {
  return createRequire(join(folder, 'package.json'))(name);
}
