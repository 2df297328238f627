/*
 * Runs the official MCP inspector's command line against `pnpm start`, and checks what it sees. The inspector needs
 * Node 22, so it and a Node for it are installed in folders of their own, outside the workspace.
 */
import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installAside, node22 } from './install-aside.js';
import { ROOT } from './run.js';

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

const inspector = await installAside('@modelcontextprotocol/inspector', '2.12.0');
const node = await node22();
const { url, token, stop } = await started();
try {
  const { stdout } = await promisify(execFile)(node, [
    join(inspector, 'clients', 'launcher', 'build', 'index.js'),
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
