import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const DEMO = fileURLToPath(new URL('../examples/demo/src/demo.ts', import.meta.url));
const WITHOUT_REMOVAL = new URL('./fixtures/without-removal.ts', import.meta.url).href;

function runDemo(...preload: string[]): Promise<{ code: number; output: string }> {
  const imports = ['tsx', ...preload].flatMap((module) => ['--import', module]);
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [...imports, DEMO], (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? 1, output: stdout + stderr });
    });
  });
}

describe('the demo', () => {
  it('tells the main job, checks every line and exits with 0', async () => {
    const { code, output } = await runDemo();
    expect(output).toContain('All as told');
    expect(code).toBe(0);
  }, 60_000);

  it('says of every client which era it speaks: both are there', async () => {
    const { output } = await runDemo();
    const spoken = [...output.matchAll(/^ +(\w+), .+, speaks: (.+)$/gm)].map(
      ([, tenant = '', speaks = '']) => `${tenant}: ${speaks}`,
    );
    const both = ['session era, MCP 2025-11-25', 'stateless era, MCP 2026-07-28'];
    expect(spoken).toEqual([
      ...['math', 'time', 'data'].flatMap((tenant) => both.map((speaks) => `${tenant}: ${speaks}`)),
      'guest: stateless era, MCP 2026-07-28',
    ]);
  }, 60_000);

  it('exits with 1 and names the line when removing a token does nothing', async () => {
    const { code, output } = await runDemo(WITHOUT_REMOVAL);
    expect(output).toContain('Not as told: "its sessions are gone"');
    expect(code).toBe(1);
  }, 60_000);
});
