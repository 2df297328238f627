import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { copyTemplate, nextSteps } from '../scripts/new-package/copy-template.js';
import { ROOT } from '../scripts/run.js';

const TEMPLATE = join(ROOT, 'templates', 'adapter');

/** A folder that looks like the project's, with nothing in it but the template. */
async function emptyProject(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'tessera-new-package-'));
  onTestFinished(() => rm(root, { recursive: true }));
  const filter = (source: string): boolean => !source.includes('node_modules');
  await cp(TEMPLATE, join(root, 'templates', 'adapter'), { recursive: true, filter });
  return root;
}

function run(
  folder: string,
  tool: string,
  ...toolArguments: string[]
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(ROOT, 'node_modules', '.bin', tool), toolArguments, { cwd: folder });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    child.once('error', reject);
    child.once('exit', (code) => {
      resolve({ code, output });
    });
  });
}

describe('A new package', () => {
  it('is the template, with the name of its framework everywhere', async () => {
    const root = await emptyProject();
    const made = await copyTemplate({ name: 'adapter-my-koa', root });
    expect(made).toMatchObject({ folder: 'packages/adapter-my-koa', packageName: '@tessera-mcp/my-koa' });
    expect(nextSteps(made)).toContain('src/to-my-koa-handler.ts');
    for (const file of made.files) {
      const text = await readFile(join(root, made.folder, file), 'utf8');
      expect(text, file).not.toMatch(/template/i);
    }
    const manifest = JSON.parse(await readFile(join(root, made.folder, 'package.json'), 'utf8')) as object;
    expect(manifest).toMatchObject({
      name: '@tessera-mcp/my-koa',
      repository: { directory: 'packages/adapter-my-koa' },
      publishConfig: { access: 'public' },
    });
    expect(manifest).not.toHaveProperty('private');
  });

  it('compiles and passes the conformance suite as it is', async () => {
    const root = await emptyProject();
    const { folder } = await copyTemplate({ name: 'adapter-koa', root });
    const target = join(root, folder);
    await symlink(join(TEMPLATE, 'node_modules'), join(target, 'node_modules'));
    await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    await cp(join(ROOT, 'tsconfig.base.json'), join(root, 'tsconfig.base.json'));
    await writeFile(
      join(target, 'vitest.config.mjs'),
      'export default { test: { include: ["test/**/*.test.ts"] } };\n',
    );
    expect(await run(target, 'tsc', '--noEmit')).toEqual({ code: 0, output: '' });
    const { code, output } = await run(target, 'vitest', 'run', '--root', target);
    expect(output).toMatch(/Tests .*\d+ passed/);
    expect(code, output).toBe(0);
  }, 120_000);

  it.each(['', 'koa', 'adapter-', 'adapter-Koa', 'adapter-../core', 'adapter-koa/x'])(
    'is refused the name %j, and nothing is written',
    async (name) => {
      const root = await emptyProject();
      await expect(copyTemplate({ name, root })).rejects.toThrow('pnpm new:package adapter-koa');
      expect(await readdir(root)).toEqual(['templates']);
    },
  );

  it('never takes the place of one that is there', async () => {
    const root = await emptyProject();
    await copyTemplate({ name: 'adapter-koa', root });
    await expect(copyTemplate({ name: 'adapter-koa', root })).rejects.toThrow(
      'packages/adapter-koa is there already.',
    );
    expect(existsSync(join(root, 'packages', 'adapter-koa', 'package.json'))).toBe(true);
  });
});
