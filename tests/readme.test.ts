import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describe, expect, it, onTestFinished } from 'vitest';

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
