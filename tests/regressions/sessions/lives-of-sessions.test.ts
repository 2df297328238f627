import { afterEach, describe, expect, it } from 'vitest';

import { pause } from '../../one-line-server/helpers/watch.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { request } from '../../session-era/helpers/messages.js';
import { until } from '../helpers/waiting.js';
import { logMessage } from './helpers/fake-server.js';
import { play } from './helpers/play.js';
import { reading } from './helpers/reading.js';
import { listen, messageOf, open, post, remove } from './helpers/requests.js';

afterEach(closeEverything);

describe('What a session holds, and how it ends', () => {
  it('A session that has lived as long as it may says so, to its stream and as an event.', async () => {
    const { tessera, token } = play({ sessions: { lifetimeMs: 200, keepAliveMs: 40 } });
    const reasons: string[] = [];
    tessera.on('sessionEnded', ({ reason }) => reasons.push(reason));
    const session = await open(tessera, token);
    const stream = reading(await listen(tessera, { token, session }));
    await until(() => {
      expect(stream.done()).toBe(true);
    });
    expect(reasons).toEqual(['lifetime']);
    expect(stream.text()).toContain('"error"');
  });

  it('A session is parked although its server asked something that cannot be written.', async () => {
    const { tessera, token, servers } = play({ sessions: { keepAliveMs: 40 } }, { parkAfterMs: 50 });
    await open(tessera, token);
    const asked = servers[0]?.say({ id: 0, method: 'elicitation/create', params: { huge: 1n } });
    await expect(asked).rejects.toThrow();
    await until(() => {
      expect(tessera.getStats().parkedSessions).toBe(1);
    });
  });

  it('What a client can have its session remember is bounded.', async () => {
    const { tessera, token } = play();
    const session = await open(tessera, token);
    const filler = 'y'.repeat(100_000);
    let accepted = 0;
    // Twenty megabytes in all, which every new server would have to hear.
    for (let id = 10; id < 210; id += 1) {
      const subscribe = request(id, 'resources/subscribe', { uri: `note:${String(id)}${filler}` });
      const answer = messageOf(await post(tessera, { token, session }, subscribe));
      if (answer.result !== undefined) accepted += 1;
    }
    expect(accepted).toBeGreaterThan(0);
    expect(accepted).toBeLessThan(200);
  });

  it('What nobody reads is let go of when its session is over.', async () => {
    const { tessera, token, servers } = play({ sessions: { keepAliveMs: 20 } });
    const session = await open(tessera, token);
    const { body } = await listen(tessera, { token, session });
    await servers[0]?.say(logMessage('x'.repeat(500_000)));
    await remove(tessera, { token, session });
    // Twenty times as long as a connection may be quiet.
    await pause(400);
    let held = 0;
    try {
      for await (const chunk of body as ReadableStream<Uint8Array>) held += chunk.byteLength;
    } catch {
      // It may have been cut.
    }
    expect(held).toBeLessThan(100_000);
  });
});
