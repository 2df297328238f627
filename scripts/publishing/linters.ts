/* What others know about packages that not everybody can import. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { CheckFailed } from './checks.js';
import type { PackedPackage } from './packed-packages.js';
import { runProgram } from './programs.js';

/** @throws CheckFailed with everything that publint says about a tarball; its suggestions count too */
export async function runPublint({ tarball }: PackedPackage): Promise<void> {
  const { buffer, byteOffset, byteLength } = await readFile(tarball);
  const content = buffer.slice(byteOffset, byteOffset + byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: content }, strict: true });
  CheckFailed.ifAny(
    messages.map((message) => `${message.type}: ${formatMessage(message, pkg) ?? message.code}`),
  );
}

/** Runs "Are the types wrong?" on a tarball, for packages that are ES modules only. */
export async function runAttw({ tarball }: PackedPackage): Promise<void> {
  const program = new URL('dist/index.js', import.meta.resolve('@arethetypeswrong/cli/package.json'));
  const quietly = ['--no-definitely-typed', '--no-emoji', '--no-color'];
  await runProgram(process.execPath, [fileURLToPath(program), tarball, '--profile', 'esm-only', ...quietly]);
}
