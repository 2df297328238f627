/* Runs what `start` prints: its curl lines, its configuration blocks, and Ctrl-C once and twice. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connectV1, failureStatus } from './clients.js';
import { Mismatch, chapter, tell, until } from './narrate.js';

const START = fileURLToPath(new URL('start.ts', import.meta.url));
const MARK = '--- next ---';

interface Started {
  readonly child: ChildProcess;
  /** Everything it has printed so far. */
  output(): string;
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>;
}

async function startOnFreePort(): Promise<Started> {
  const child = spawn(process.execPath, ['--import', 'tsx', START], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const started = { child, output: () => printed, ended };
  await until('start says that it is ready', () => printed.includes('\nReady.'), 30_000);
  return started;
}

async function checkCurlLines(output: string): Promise<void> {
  const lines = output.split('\n').filter((line) => /^(curl |SESSION=)/.test(line));
  tell('printed curl lines', lines.length, 5);
  const script = lines.map((line) => `${line}\necho; echo '${MARK}'`).join('\n');
  const { stdout } = await promisify(execFile)('bash', ['-c', `set -eo pipefail\n${script}`]);
  const [initialize, initialized, list, call, end] = stdout.split(MARK).map((text) => text.trim());
  tell('initialize prints', initialize, '');
  tell('initialized prints', initialized, '202');
  tell('the list holds', toolNames(list), ['add']);
  tell('the call answers', callText(call), '5');
  tell('the end prints', end, '200');
}

async function checkConfigs(output: string): Promise<{ url: string; token: string; tokens: string[] }> {
  const blocks = [...output.matchAll(/^(VS Code|Claude Code|Cursor) \(.*\)\n(\{[\s\S]*?\n\})$/gm)];
  tell('configuration blocks', blocks.length, 9);
  const found = blocks.map(([, client = '', text = '']) => {
    const { servers, mcpServers } = JSON.parse(text) as Record<string, Record<string, Target> | undefined>;
    const [target] = Object.values(servers ?? mcpServers ?? {});
    return {
      client,
      url: target?.url ?? '',
      token: target?.headers.Authorization.replace('Bearer ', '') ?? '',
    };
  });
  const tools: string[][] = [];
  for (const { url, token } of found.filter(({ client }) => client === 'VS Code')) {
    const client = await connectV1(url, token);
    tools.push(await client.toolNames());
    await client.close();
  }
  tell('clients configured so list', tools, [['add'], ['year-of-epoch', 'sleep'], ['read', 'erase']]);
  const [, , , time] = found;
  return { url: time?.url ?? '', token: time?.token ?? '', tokens: found.map((target) => target.token) };
}

interface Target {
  url: string;
  headers: { Authorization: string };
}

function toolNames(text = ''): string[] {
  const { result } = JSON.parse(text) as { result: { tools: { name: string }[] } };
  return result.tools.map(({ name }) => name);
}

function callText(text = ''): string {
  const { result } = JSON.parse(text) as { result: { content: { text: string }[] } };
  return result.content.map((part) => part.text).join('');
}

async function check(): Promise<void> {
  for (const program of ['curl', 'bash']) {
    const found = await promisify(execFile)(program, ['--version']).then(
      () => true,
      () => false,
    );
    if (!found)
      throw new Mismatch(
        `"${program}" is not installed. What start prints is run with it: install it first.`,
      );
  }
  chapter('What start prints works');
  const first = await startOnFreePort();
  try {
    await checkCurlLines(first.output());
    const { url, token, tokens } = await checkConfigs(first.output());
    const log = first.output().split('\nReady.')[1] ?? '';
    tell(
      'its log holds none of the tokens',
      tokens.filter((secret) => log.includes(secret)),
      [],
    );

    chapter('Ctrl-C stops it, also with a client connected');
    const client = await connectV1(url, token);
    first.child.kill('SIGINT');
    tell('exit code', await first.ended, 0);
    tell('it said goodbye', first.output().trimEnd().endsWith('Stopped.'), true);
    await client.close();
  } finally {
    first.child.kill('SIGKILL');
  }

  chapter('A second Ctrl-C stops it at once, also with a call in flight');
  const second = await startOnFreePort();
  try {
    const { url, token } = await checkConfigs(second.output());
    const client = await connectV1(url, token);
    const call = failureStatus(client.callTool('sleep', {}));
    // An answer to a later request shows that the call has arrived.
    await client.toolNames();
    second.child.kill('SIGINT');
    await until('it is stopping', () => second.output().includes('Stopping.'));
    second.child.kill('SIGINT');
    tell('exit code', await second.ended, 130);
    await call;
    await client.close();
  } finally {
    second.child.kill('SIGKILL');
  }
}

try {
  await check();
  console.log('\nEverything works as printed.');
} catch (error) {
  console.error(error instanceof Mismatch ? `\nNot as printed: ${error.message}` : error);
  process.exitCode = 1;
}
