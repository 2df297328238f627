import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fillTables } from '../scripts/docs/options-tables.js';
import { readPages } from '../scripts/docs/pages.js';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const README = readFileSync(join(HERE, '../README.md'), 'utf8');

const [, quickStart = ''] = /```ts\n([\s\S]*?)```/.exec(README) ?? [];

describe('the README', () => {
  it('has at most 150 lines, and a quick start of at most 12', () => {
    expect(README.trimEnd().split('\n').length).toBeLessThanOrEqual(150);
    expect(quickStart.trimEnd().split('\n').length).toBeLessThanOrEqual(12);
  });

  it('names only scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(HERE, '../package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...README.matchAll(/npx -y pnpm@10 ([\w:]+)/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  it('has a quick start that works as it stands, but for its port', async () => {
    const folder = await mkdtemp(join(HERE, 'quick-start-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'quick-start.ts');
    await writeFile(file, quickStart.replace('port: 8080', 'port: 0'));
    const child = spawn(process.execPath, ['--import', 'tsx', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill());
    const url = await new Promise<string>((resolve, reject) => {
      let printed = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const [, found] = /Listening at (\S+)\n/.exec(printed) ?? [];
        if (found !== undefined) resolve(found);
      });
      child.once('exit', reject);
    });
    const client = new Client({ name: 'reader', version: '1.0.0' });
    const headers = { authorization: 'Bearer token-of-alice' };
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
    expect(await client.callTool({ name: 'hello' })).toEqual({
      content: [{ type: 'text', text: 'Hello, Alice!' }],
    });
    await client.close();
  });
});

const ROOT = join(HERE, '..');
const REPOSITORY = 'https://github.com/tessera-mcp/tessera/blob/main/';

interface Manifest {
  readonly name: string;
  readonly peerDependencies?: Record<string, string>;
}

/** Every package, with what npm shows of it. */
const packages = readdirSync(join(ROOT, 'packages')).map((folder) => ({
  folder,
  manifest: JSON.parse(readFileSync(join(ROOT, 'packages', folder, 'package.json'), 'utf8')) as Manifest,
  readme: readFileSync(join(ROOT, 'packages', folder, 'README.md'), 'utf8'),
}));

/** The tables of options that each package must have; its own and those of what it exports. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  core: ['TesseraOptions', 'SessionOptions', 'StatelessOptions', 'Limits', 'AuthOptions', 'TenantOptions'],
  'adapter-node': ['PerBearerMcpServerOptions', 'ServeOptions', 'NodeHandlerOptions'],
  'adapter-fastify': ['FastifyMcpServerOptions', 'AuthorizationOptions', 'PerBearerMcpServerOptions'],
  'adapter-express': ['PerBearerMcpServerOptions'],
  'adapter-hono': ['PerBearerMcpServerOptions'],
  testing: ['AdapterUnderTest', 'AdapterCapabilities'],
};

describe.each(packages)('the README of $manifest.name', ({ folder, manifest, readme }) => {
  it('begins with its name and one sentence', () => {
    const [title, empty, first = ''] = readme.split('\n');
    expect([title, empty]).toEqual([`# ${manifest.name}`, '']);
    expect(first).toMatch(/^[A-Z]/);
  });

  it('says how it is installed, with everything that its first program imports', () => {
    const [, installed = ''] = /^npm install (.+)$/m.exec(readme) ?? [];
    const [, program = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
    const imported = [...program.matchAll(/ from '((?:@[^/']+\/)?[^/']+)/g)].map(([, name = '']) => name);
    expect(imported).toContain(manifest.name);
    const named = installed.split(' ');
    expect(imported.filter((name) => !named.includes(name))).toEqual([]);
    expect(named).toContain(manifest.name);
  });

  it('has a first program of at most 20 lines', () => {
    const [, program = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
    expect(program.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
  });

  it('has the tables of its options', () => {
    const named = [...readme.matchAll(/^<!-- options: \S+#(\w+) -->\n\n\| Option \|/gm)].map(
      ([, name]) => name,
    );
    expect(named).toEqual(expect.arrayContaining([...(TABLES[folder] ?? ['a row of TABLES above'])]));
  });

  it('links only to whole addresses, because npm shows it alone, and to pages that are there', () => {
    const targets = [...readme.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !target.startsWith('https://'))).toEqual([]);
    const own = targets.filter((target) => target.startsWith(REPOSITORY));
    for (const page of ['README.md', 'docs/events.md', 'docs/errors/README.md', 'LICENSE']) {
      expect(own).toContain(REPOSITORY + page);
    }
    const missing = own.filter((target) => {
      const [path = '', anchor] = target.slice(REPOSITORY.length).split('#');
      return !existsSync(join(ROOT, path)) || !hasHeading(path, anchor);
    });
    expect(missing).toEqual([]);
  });
});

/** Whether a page has the heading that GitHub gives this anchor. */
function hasHeading(path: string, anchor: string | undefined): boolean {
  if (anchor === undefined) return true;
  const headings = [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^#+ (.+)$/gm)];
  return headings.some(([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-') === anchor);
}

describe('the README and the packages', () => {
  it('know of each other', () => {
    for (const { folder, manifest } of packages) {
      expect(README).toContain(`[\`${manifest.name}\`](packages/${folder})`);
    }
  });

  it('mounts with lines that are compiled', () => {
    const [, section = ''] = /^## In your app\n([\s\S]*?)^## /m.exec(README) ?? [];
    const lines = [...section.matchAll(/^\|[^|]+\| `([^`]+;)` \|$/gm)].map(([, line = '']) => line);
    expect(lines).toHaveLength(4);
    const folder = join(ROOT, 'examples/snippets/src');
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('mount.ts'))
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .join('\n');
    expect(lines.filter((line) => !sources.includes(line))).toEqual([]);
  });
});

describe('the tables of options', () => {
  it('say what the interfaces say', async () => {
    const pages = await readPages();
    const tabled = fillTables(pages);
    expect(tabled.flatMap(({ problems }) => problems)).toEqual([]);
    const differing = pages.filter(({ text }, index) => tabled[index]?.text !== text);
    // Written anew by `pnpm docs:options`.
    expect(differing.map(({ path }) => path)).toEqual([]);
  }, 60_000);

  it('are made of names, types, defaults and first sentences, and of inherited options too', () => {
    const path = 'packages/core/src/limits/limits.ts';
    const [page] = fillTables([
      { path: 'page.md', text: `# Page\n\n<!-- options: ${path}#Limits -->\nold\n<!-- /options -->\n` },
    ]);
    const lines = page?.text.split('\n') ?? [];
    expect(lines.slice(0, 6)).toEqual([
      '# Page',
      '',
      `<!-- options: ${path}#Limits -->`,
      '',
      '| Option | Type | Default | What it does |',
      '| --- | --- | --- | --- |',
    ]);
    expect(lines).toContain(
      '| `bodyBytes` | `number` | `1048576` (1 MiB) | Size of a request body in bytes. |',
    );
    expect(lines).toContain('| `calls` | `number` | `32` | Calls in flight. |');
    expect(page?.problems).toEqual([]);
  }, 60_000);

  it.each([
    ['an interface that is not there', '#Nothing -->\n<!-- /options -->', 'declares no Nothing'],
    ['a place without an end', '#Limits -->', 'needs one <!-- /options -->'],
  ])(
    'are refused for %s',
    (_what, rest, expected) => {
      const text = `<!-- options: packages/core/src/limits/limits.ts${rest}\n`;
      const [page] = fillTables([{ path: 'page.md', text }]);
      expect(page?.problems).toEqual([expect.stringContaining(expected)]);
      expect(page?.text).toBe(text);
    },
    60_000,
  );
});
