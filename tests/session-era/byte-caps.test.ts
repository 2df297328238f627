import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { textOf, toolCall } from './helpers/messages.js';
import { initialize, openSession, post, type TestSession } from './helpers/session.js';
import type { Stage } from './helpers/stage.js';
import { answerOf, EventReader } from './helpers/streams.js';
import { createWorld, HOSTS, IN_PROCESS, newToken, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

/** A session whose client has opened a stream and does not read it. */
interface Stalled {
  readonly session: TestSession;
  /** Begins to read. */
  readonly read: () => EventReader;
  /** Has the server say something of so many bytes. */
  readonly say: (bytes: number) => Promise<void>;
}

async function stalled(world: World, token: string, stage: Stage): Promise<Stalled> {
  const session = await openSession(world, token);
  const instance = stage.newest();
  const response = await session.get();
  return {
    session,
    read: () => new EventReader(response),
    say: (bytes) => instance.log('error', 'x'.repeat(bytes)),
  };
}

/** How many messages somebody gets who reads only now. A stream that was cut gives none. */
async function readBytes({ read }: Stalled): Promise<number> {
  const reader = read();
  await new Promise((resolve) => setTimeout(resolve, 20));
  return reader.messages.reduce((sum, { params }) => sum + (params?.data?.length ?? 0), 0);
}

const cutStreams = (world: World): number => world.tessera.getStats().cutStreams;

describe('Bytes that wait for slow readers', () => {
  it('Of one tenant are bounded over all its streams: the one that needs more is cut.', async () => {
    const world = await createWorld(IN_PROCESS, { limits: { tenantQueuedBytes: 50_000 } });
    const first = await stalled(world, TOKENS.acme, world.acme);
    const second = await stalled(world, TOKENS.sibling, world.acme);
    const other = await stalled(world, TOKENS.globex, world.globex);
    await first.say(20_000);
    await second.say(20_000);
    await other.say(40_000);
    expect(cutStreams(world)).toBe(0);
    await second.say(20_000);
    expect(cutStreams(world)).toBe(1);
    expect(await readBytes(first)).toBe(20_000);
    expect(await readBytes(second)).toBe(0);
    expect(await readBytes(other)).toBe(40_000);
    expect(world.events('transportError').map(({ sessionId }) => sessionId)).toEqual([second.session.id]);
    expect(world.events('sessionEnded')).toEqual([]);
  });

  it('Make room when they are read, and when their stream is cut or left.', async () => {
    const world = await createWorld(IN_PROCESS, { limits: { tenantQueuedBytes: 50_000 } });
    const first = await stalled(world, TOKENS.acme, world.acme);
    await first.say(40_000);
    expect(await readBytes(first)).toBe(40_000);
    const second = await stalled(world, TOKENS.acme, world.acme);
    await second.say(40_000);
    await second.read().leave();
    const third = await stalled(world, TOKENS.acme, world.acme);
    await third.say(40_000);
    expect(cutStreams(world)).toBe(0);
    await third.say(40_000);
    expect(cutStreams(world)).toBe(1);
    const fourth = await stalled(world, TOKENS.acme, world.acme);
    await fourth.say(40_000);
    await fourth.session.end();
    const fifth = await stalled(world, TOKENS.acme, world.acme);
    await fifth.say(40_000);
    expect(cutStreams(world)).toBe(1);
    expect(await readBytes(fifth)).toBe(40_000);
  });

  it('Of all tenants together are bounded: the stream that needs more is cut.', async () => {
    const world = await createWorld(IN_PROCESS, { limits: { totalQueuedBytes: 100_000 } });
    const mine = await stalled(world, TOKENS.acme, world.acme);
    const other = await stalled(world, TOKENS.globex, world.globex);
    await mine.say(45_000);
    await other.say(45_000);
    expect(cutStreams(world)).toBe(0);
    await other.say(20_000);
    expect(cutStreams(world)).toBe(1);
    expect(await readBytes(mine)).toBe(45_000);
    expect(await readBytes(other)).toBe(0);
  });

  it('May all be one tenant’s, while nobody else needs them.', async () => {
    const world = await createWorld(IN_PROCESS, { limits: { totalQueuedBytes: 100_000 } });
    const mine = await stalled(world, TOKENS.acme, world.acme);
    await mine.say(90_000);
    expect(cutStreams(world)).toBe(0);
    expect(await readBytes(mine)).toBe(90_000);
  });

  it('Of a tenant that has more than half do not cost another tenant its streams.', async () => {
    const world = await createWorld(IN_PROCESS, { limits: { totalQueuedBytes: 100_000 } });
    const greedy = await stalled(world, TOKENS.acme, world.acme);
    const modest = await stalled(world, TOKENS.globex, world.globex);
    await greedy.say(45_000);
    await greedy.say(45_000);
    await modest.say(20_000);
    expect(await readBytes(modest)).toBe(20_000);
  });

  it('Still count when their stream has ended without having been read', async () => {
    const world = await createWorld(IN_PROCESS, { limits: { tenantQueuedBytes: 50_000 } });
    const session = await openSession(world, TOKENS.acme);
    const answers: Response[] = [];
    for (let id = 1; id <= 20; id += 1) {
      const text = `${String(id)} ${'x'.repeat(30_000)}`;
      answers.push(await session.post(toolCall(id, 'holdWithProgress', text, 'p')));
      (await world.acme.untilHeld(text)).release();
      await vi.waitFor(() => {
        expect(world.tessera.getStats().callsInFlight).toBe(0);
      });
    }
    let waiting = 0;
    for (const answer of answers) waiting += (await answer.text().catch(() => '')).length;
    expect(waiting).toBeLessThan(100_000);
  });
});

describe.each(HOSTS)('The size of a body ($name)', (setting) => {
  it('Is bounded for each tenant, and can be changed while it runs.', async () => {
    const world = await createWorld(
      setting,
      { limits: { bodyBytes: 5000 } },
      { limits: { bodyBytes: 1000 } },
    );
    const session = await openSession(world, TOKENS.acme);
    const other = await openSession(world, TOKENS.globex);
    const long = 'x'.repeat(2000);
    const refused = await session.call(1, 'echo', long);
    expect(refused.status).toBe(413);
    expect((await answerOf(refused)).error?.code).toBe(-32000);
    expect(textOf(await answerOf(await other.call(1, 'echo', long)))).toBe(long);
    expect((await other.call(2, 'echo', 'x'.repeat(6000))).status).toBe(413);
    await world.tessera.updateTenant('acme', { limits: { bodyBytes: 10_000 } });
    expect(textOf(await answerOf(await session.call(3, 'echo', 'x'.repeat(6000))))).toHaveLength(6000);
    expect(world.tessera.getTenant('acme')?.limits.bodyBytes).toBe(10_000);
  });

  it('Is bounded to the byte, also where no length is announced.', async () => {
    const world = await createWorld(setting, {}, { limits: { bodyBytes: 1000 } });
    const session = await openSession(world, TOKENS.acme);
    const frame = JSON.stringify(toolCall(1, 'echo', ''));
    const fitting = JSON.stringify(toolCall(1, 'echo', 'x'.repeat(1000 - frame.length)));
    const inPieces = (text: string): ReadableStream =>
      new ReadableStream({
        start: (controller) => {
          for (const piece of text.match(/.{1,100}/gs) ?? [])
            controller.enqueue(new TextEncoder().encode(piece));
          controller.close();
        },
      });
    for (const [body, status] of [
      [fitting, 200],
      [`${fitting} `, 413],
    ] as const) {
      expect((await session.post(body)).status).toBe(status);
      expect((await post(world, inPieces(body), session.caller)).status).toBe(status);
    }
  });

  it('Is that of the tenant whose token came with it.', async () => {
    const world = await createWorld(setting, {}, { limits: { bodyBytes: 100 } });
    expect((await initialize(world, TOKENS.acme)).status).toBe(413);
    expect((await initialize(world, TOKENS.globex)).status).toBe(200);
    // Nobody's body is looked at.
    expect((await initialize(world, newToken())).status).toBe(401);
  });
});
