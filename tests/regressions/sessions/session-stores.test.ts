import { generateToken, type SessionStore, type StoredSession } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { gate, pause } from '../../one-line-server/helpers/watch.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { initializeMessage, request } from '../../session-era/helpers/messages.js';
import { until } from '../helpers/waiting.js';
import { play, turns } from './helpers/play.js';
import { open, post } from './helpers/requests.js';

afterEach(closeEverything);

const KEYS = { secret: generateToken() };

/** A store that keeps nothing, except for what is given. */
const storeWith = (methods: Partial<SessionStore>): SessionStore => ({
  save: () => undefined,
  load: () => undefined,
  remove: () => undefined,
  ...methods,
});

describe('Session stores that are slow, or give back what they need not', () => {
  it('How often one tenant asks the store at once is bounded.', async () => {
    const slow = gate();
    let asked = 0;
    const store = storeWith({
      load: async () => {
        asked += 1;
        await slow.opened;
        return undefined;
      },
    });
    const limits = { calls: 2, initializeBurst: 2, initializePerSecond: 1, sessions: 2, streams: 2 };
    const { tessera, token } = play({ keys: KEYS, stores: { sessions: store } }, { limits });
    const all = Array.from({ length: 500 }, (_, id) =>
      post(tessera, { token, session: `guess${String(id)}` }, request(id, 'ping')),
    );
    await turns();
    slow.open();
    await Promise.all(all);
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(100);
  });

  it('A slow store is given what is newest, not everything in between.', async () => {
    const slow = gate();
    const saved: StoredSession[] = [];
    const store = storeWith({
      save: async (_place, session) => {
        saved.push(session);
        await slow.opened;
      },
    });
    const { tessera, token } = play({ keys: KEYS, stores: { sessions: store } });
    const session = await open(tessera, token);
    for (let id = 2; id <= 301; id += 1) {
      const level = id % 2 === 0 ? 'info' : 'debug';
      await post(tessera, { token, session }, request(id, 'logging/setLevel', { level }));
    }
    slow.open();
    await until(() => {
      expect(saved.at(-1)?.conversation.logLevel).toBe('debug');
    });
    await turns(400);
    expect(saved.length).toBeLessThan(10);
  });

  it('A store that gives something back has not failed.', async () => {
    const kept = new Map<string, unknown>();
    const store: Record<keyof SessionStore, unknown> = {
      save: ({ session }: { session: string }, value: unknown) => kept.set(session, value),
      load: ({ session }: { session: string }) => kept.get(session),
      remove: ({ session }: { session: string }) => kept.delete(session),
    };
    const { tessera, token, errors } = play({ keys: KEYS, stores: { sessions: store as SessionStore } });
    await open(tessera, token);
    await turns();
    expect(kept.size).toBe(1);
    expect(errors).toEqual([]);
  });

  it('Whoever closes the tessera a second time waits as well until everything is written.', async () => {
    const slow = gate();
    let written = false;
    const store = storeWith({
      save: async () => {
        await slow.opened;
        written = true;
      },
    });
    const { tessera, token } = play({ keys: KEYS, stores: { sessions: store } });
    await post(tessera, { token }, initializeMessage());
    const first = tessera.close();
    const second = tessera.close().then(() => written);
    await pause(30);
    slow.open();
    expect(await second).toBe(true);
    await first;
  });
});
