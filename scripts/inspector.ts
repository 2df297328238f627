/*
 * Runs the official MCP inspector's command line against `pnpm start`, and checks what it sees. The inspector needs
 * Node 22, so it and a Node for it are installed in a folder of their own, outside the workspace.
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, run } from './run.js';

const INSPECTOR = '@modelcontextprotocol/inspector@2.12.0';
const FOLDER = join(tmpdir(), 'tessera-inspector');

async function install(): Promise<string> {
  const major = Number(process.versions.node.split('.')[0]);
  const ownNode = join(FOLDER, 'node_modules', `node-${platform()}-${arch()}`, 'bin', 'node');
  const packages = major >= 22 ? [INSPECTOR] : [INSPECTOR, `node-${platform()}-${arch()}@22`];
  if (!existsSync(join(FOLDER, 'node_modules', '@modelcontextprotocol', 'inspector'))) {
    await mkdir(FOLDER, { recursive: true });
    const code = await run('npm', ['install', '--prefix', FOLDER, '--no-audit', '--no-fund', ...packages]);
    if (code !== 0) throw new Error('The inspector could not be installed.');
  }
  return major >= 22 ? process.execPath : ownNode;
}

async function started(): Promise<{ url: string; token: string; stop: () => void }> {
  const child = spawn(process.execPath, ['--import', 'tsx', join(ROOT, 'examples/demo/src/start.ts')], {
    cwd: ROOT,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  await new Promise<void>((resolve, reject) => {
    child.once('exit', reject);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (printed.includes('\nReady.')) resolve();
    });
  });
  const [, url = ''] = /"url": "([^"]+)"/.exec(printed) ?? [];
  const [, token = ''] = /"Authorization": "Bearer ([^"]+)"/.exec(printed) ?? [];
  return { url, token, stop: () => void child.kill('SIGINT') };
}

const node = await install();
const { url, token, stop } = await started();
try {
  const launcher = join(
    'node_modules',
    '@modelcontextprotocol',
    'inspector',
    'clients',
    'launcher',
    'build',
    'index.js',
  );
  const { stdout } = await promisify(execFile)(node, [
    join(FOLDER, launcher),
    '--cli',
    url,
    '--transport',
    'http',
    '--method',
    'tools/list',
    '--header',
    `Authorization: Bearer ${token}`,
  ]);
  console.log(stdout);
  const { tools } = JSON.parse(stdout) as { tools: { name: string }[] };
  if (tools.map(({ name }) => name).join() !== 'add')
    throw new Error('The inspector did not see the tool "add".');
} finally {
  stop();
}
