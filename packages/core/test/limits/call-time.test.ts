import type { McpServer } from '@modelcontextprotocol/server';
import { beforeEach, describe, expect, it } from 'vitest';
import { createTessera, type Tessera } from '../../src/index.js';
import { FakeTime, settle } from '../helpers/fake-platform.js';
import { openSession, plainServer, post } from '../helpers/requests.js';

const TOKEN = 'mcpt_a-token-that-is-long-enough-for-everybody';

let time: FakeTime;
let signals: AbortSignal[];
let tessera: Tessera;

/** A server with a tool that waits for ever. */
function waitingServer(): McpServer {
  const server = plainServer();
  server.registerTool('wait', {}, (ctx) => {
    signals.push(ctx.mcpReq.signal);
    return new Promise<never>(() => undefined);
  });
  return server;
}

beforeEach(() => {
  time = new FakeTime();
  signals = [];
});

async function begin(callMs: number): Promise<{ call: (id: number) => { answer: string | undefined } }> {
  tessera = createTessera({ clock: time, timers: time, limits: { callMs } });
  tessera.addTenant({ id: 'a', tokens: [TOKEN], server: waitingServer });
  const session = await openSession(tessera, TOKEN);
  return {
    call: (id) => {
      const waiting: { answer: string | undefined } = { answer: undefined };
      const message = { id, method: 'tools/call', params: { name: 'wait' } };
      void tessera
        .fetch(post(TOKEN, message, session))
        .then((response) => response.text())
        .then((text) => {
          waiting.answer = text;
        });
      return waiting;
    },
  };
}

/** Waits until as many handlers run. */
async function untilRunning(count: number): Promise<void> {
  await expect.poll(() => signals.length).toBe(count);
}

describe('the time a call may take', () => {
  it('is kept to the second, and counted from the arrival of each call', async () => {
    const { call } = await begin(3000);
    const first = call(1);
    await untilRunning(1);
    await time.advance(1500);
    const second = call(2);
    await untilRunning(2);
    await time.advance(1499);
    expect([first.answer, second.answer]).toEqual([undefined, undefined]);
    await time.advance(1001);
    await expect.poll(() => first.answer).toContain('The call took longer than it may.');
    await settle();
    expect(second.answer).toBeUndefined();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    await time.advance(1500);
    await expect.poll(() => second.answer).toContain('The call took longer than it may.');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(tessera.getStats()).toMatchObject({ callsInFlight: 0, activeSessions: 1 });
  });

  it('is endless where nothing is said', async () => {
    const { call } = await begin(Infinity);
    call(1);
    await untilRunning(1);
    await time.advance(48 * 3_600_000);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    expect(tessera.getStats().callsInFlight).toBe(1);
  });
});
