import { memoryEventLog, type EventLog } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { gate } from '../../one-line-server/helpers/watch.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { toolCall } from '../../session-era/helpers/messages.js';
import { until } from '../helpers/waiting.js';
import { logMessage, type Handlers } from './helpers/fake-server.js';
import { play, turns } from './helpers/play.js';
import { reading } from './helpers/reading.js';
import { listen, open, post, remove } from './helpers/requests.js';

afterEach(closeEverything);

describe('Event logs that fail, lie or are late', () => {
  it('A client may come back for its answer when the log could not be read.', async () => {
    const inner = memoryEventLog();
    let fails = false;
    const log: EventLog = {
      append: (...given) => inner.append(...given),
      read: (...given) => (fails ? Promise.reject(new Error('The log is away.')) : inner.read(...given)),
      forget: (place) => inner.forget(place),
    };
    let finish = (): Promise<void> => Promise.reject(new Error('Nothing was called.'));
    const handlers: Handlers = {
      'tools/call': ({ id }, server) => {
        const progress = { method: 'notifications/progress', params: { progressToken: 1, progress: 1 } };
        void server.say(progress, { relatedRequestId: id });
        finish = () => server.answer(id, { content: [] });
        return undefined;
      },
    };
    const { tessera, token } = play({ stores: { events: log } }, {}, handlers);
    const session = await open(tessera, token);
    const stream = reading(await post(tessera, { token, session }, toolCall(3, 'slow', '', 1)));
    await until(() => {
      expect(stream.lastId()).not.toBe('');
    });
    await stream.cancel();
    await finish();
    fails = true;
    // 204 would tell the client never to come back.
    const first = await listen(tessera, { token, session }, stream.lastId());
    expect(first.status).toBeGreaterThanOrEqual(500);
    fails = false;
    const second = reading(await listen(tessera, { token, session }, stream.lastId()));
    await until(() => {
      expect(second.text()).toContain('"result"');
    });
  });

  it('A log that gives nothing back harms nobody.', async () => {
    const nothing = (): undefined => undefined;
    const log = { append: nothing, read: nothing, forget: nothing } as unknown as EventLog;
    const { tessera, token } = play({ stores: { events: log } });
    const session = await open(tessera, token);
    const stream = reading(await listen(tessera, { token, session }));
    await until(() => {
      expect(stream.lastId()).not.toBe('');
    });
    await stream.cancel();
    for (let turn = 0; turn < 3; turn += 1) {
      const again = await listen(tessera, { token, session }, stream.lastId());
      expect(again.status).toBe(200);
      await reading(again).cancel();
    }
    expect(tessera.getStats().openStreams).toBe(0);
  });

  it('A session is forgotten in the log only when all of it is written.', async () => {
    const writing = gate();
    const kept = new Map<string, number>();
    let written = 0;
    const log: EventLog = {
      append: async ({ session }) => {
        await writing.opened;
        written += 1;
        kept.set(session, (kept.get(session) ?? 0) + 1);
      },
      read: () => [],
      forget: ({ session }) => {
        kept.delete(session);
      },
    };
    const { tessera, token, servers } = play({ stores: { events: log } });
    const session = await open(tessera, token);
    const stream = reading(await listen(tessera, { token, session }));
    await servers[0]?.say(logMessage('something'));
    await remove(tessera, { token, session });
    writing.open();
    await turns(20);
    expect(stream.done()).toBe(true);
    expect(written).toBeGreaterThan(0);
    expect([...kept.values()]).toEqual([]);
  });
});
