import { serve } from '@tessera-mcp/node';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything, closeLater } from '../helpers/cleanup.js';
import { TOKENS } from '../helpers/world.js';
import { CUTS, startCuttingProxy, type CuttingProxy } from './helpers/cutting-proxy.js';
import type { Desk } from './helpers/desk.js';
import { REAL_CLIENTS, type ConnectedClient, type RealClient } from './helpers/real-clients.js';
import {
  createWorkingWorld,
  WORKING_SDKS,
  type WorkingSdk,
  type WorkingWorld,
} from './helpers/working-servers.js';

afterEach(closeEverything);

const RETRY_MS = 30;

const WAIT = { timeout: 5000, interval: 5 };

interface Connected extends WorkingWorld {
  readonly client: ConnectedClient;
  readonly proxy: CuttingProxy;
  readonly desk: Desk;
}

/** A client whose GET stream is open, behind a proxy. */
async function connectThroughProxy(real: RealClient, sdk: WorkingSdk): Promise<Connected> {
  const { world, desk } = await createWorkingWorld(sdk, { sessions: { retryMs: RETRY_MS } });
  const served = await serve(world.tessera);
  closeLater(() => {
    served.server.closeAllConnections();
    return served.close();
  });
  const proxy = await startCuttingProxy(served.port);
  const client = await real.connect(new URL(`http://127.0.0.1:${String(proxy.port)}/mcp`), TOKENS.acme);
  await vi.waitFor(() => {
    expect(world.tessera.getStats().openStreams).toBe(1);
  }, WAIT);
  return { world, desk, client, proxy };
}

async function untilSaid({ client }: Connected, text: string): Promise<void> {
  await vi.waitFor(() => {
    expect(client.said).toContain(text);
  }, WAIT);
}

const PAIRS = REAL_CLIENTS.flatMap((real) =>
  WORKING_SDKS.map((sdk) => ({ name: `${real.name}, server of ${sdk.name}`, real, sdk })),
);

describe.each(PAIRS)('A client that loses its connections ($name)', ({ real, sdk }) => {
  it.each(CUTS)('It comes back for what its server said of its own accord ($name).', async (how) => {
    const connected = await connectThroughProxy(real, sdk);
    const { client, desk, proxy } = connected;
    await desk.say('one');
    await untilSaid(connected, 'one');
    proxy.cut(how);
    await desk.say('two', 'three');
    await untilSaid(connected, 'three');
    await desk.say('four');
    await untilSaid(connected, 'four');
    expect(client.said).toEqual(['one', 'two', 'three', 'four']);
    expect(connected.world.tessera.getStats()).toMatchObject({ openStreams: 1, activeSessions: 1 });
  });

  it.each(CUTS)('It comes back for the progress and the result of its call ($name).', async (how) => {
    const connected = await connectThroughProxy(real, sdk);
    const { client, desk, proxy, world } = connected;
    const progress: number[] = [];
    const working = client.work('work', (step) => progress.push(step));
    const call = await desk.untilCalled('work');
    await call.progress(1);
    await vi.waitFor(() => {
      expect(progress).toEqual([1]);
    }, WAIT);
    proxy.cut(how);
    await call.progress(2);
    expect(call.signal.aborted).toBe(false);
    await vi.waitFor(() => {
      expect(progress).toEqual([1, 2]);
    }, WAIT);
    proxy.cut(how);
    await call.progress(3);
    call.finish('done');
    expect(await working).toBe('done');
    expect(progress).toEqual([1, 2, 3]);
    expect(desk.calls).toHaveLength(1);
    expect(world.tessera.getStats()).toMatchObject({ callsInFlight: 0, activeSessions: 1 });
  });

  it(
    'It comes back to a call whose connection the handler has ended, and gets the late result.',
    { timeout: 10_000 },
    async () => {
      const { client, desk, world } = await connectThroughProxy(real, sdk);
      const working = client.work('work', () => undefined);
      const call = await desk.untilCalled('work');
      call.closeStream?.();
      call.finish('late');
      expect(await working).toBe('late');
      expect(world.tessera.getStats().callsInFlight).toBe(0);
    },
  );

  it('It has no stream too many after it has cancelled calls.', async () => {
    const { client, desk, world } = await connectThroughProxy(real, sdk);
    for (const text of ['one', 'two']) {
      const abort = new AbortController();
      const progress: number[] = [];
      const working = client.work(text, (step) => progress.push(step), abort.signal);
      await (await desk.untilCalled(text)).progress(1);
      await vi.waitFor(() => {
        expect(progress).toEqual([1]);
      }, WAIT);
      abort.abort();
      await expect(working).rejects.toThrow();
    }
    // Long enough for it to come back, ten times over.
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS * 10));
    expect(world.tessera.getStats()).toMatchObject({ openStreams: 1, callsInFlight: 0 });
  });

  it('Cut again and again, it gets every message once and in order.', async () => {
    const connected = await connectThroughProxy(real, sdk);
    const { client, desk, proxy, world } = connected;
    const progress: number[] = [];
    const working = client.work('work', (step) => progress.push(step));
    const call = await desk.untilCalled('work');
    const expected: string[] = [];
    for (let round = 1; round <= 8; round += 1) {
      const texts = [`${String(round)} a`, `${String(round)} b`, `${String(round)} c`];
      expected.push(...texts);
      await desk.say(texts[0] ?? '');
      await call.progress(round);
      await untilSaid(connected, texts[0] ?? '');
      await vi.waitFor(() => {
        expect(progress.at(-1)).toBe(round);
      }, WAIT);
      const how = CUTS[round % CUTS.length];
      if (how !== undefined) proxy.cut(how);
      await desk.say(texts[1] ?? '', texts[2] ?? '');
    }
    call.finish('done');
    expect(await working).toBe('done');
    await untilSaid(connected, expected.at(-1) ?? '');
    expect(client.said).toEqual(expected);
    expect(progress).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    await vi.waitFor(() => {
      expect(world.tessera.getStats()).toMatchObject({ openStreams: 1, callsInFlight: 0 });
    }, WAIT);
    expect(world.events('transportError')).toEqual([]);
  });
});
