import { describe, expect, it } from 'vitest';
import { createTessera, memorySessionStore, type StoredSession, type StorePlace } from '../../src/index.js';

const KEYS = { secret: 'a secret that nobody else has, of many bytes' };

describe('A store in memory', () => {
  const place = (tenantId: string, session: string): StorePlace => ({ tenantId, session });
  const stored = (owner: string, expiresAt?: number): StoredSession => ({
    subject: 'ada',
    createdAt: 1,
    owner,
    ...(expiresAt === undefined ? {} : { expiresAt }),
    conversation: {
      initialize: {},
      protocolVersion: '2025-11-25',
      server: { name: 'acme', version: '1' },
      capabilities: {},
      initialized: true,
      subscriptions: ['test://one'],
    },
  });

  it('Keeps tenants apart, and what it keeps from changes.', async () => {
    const store = memorySessionStore();
    const given = stored('first');
    await store.save(place('acme', 's'), given);
    given.conversation.subscriptions.push('test://two');
    expect(await store.load(place('acme', 's'))).toEqual(stored('first'));
    expect(await store.load(place('globex', 's'))).toBeUndefined();
    expect(await store.load(place('acme', 'other'))).toBeUndefined();
    (await store.load(place('acme', 's')))?.conversation.subscriptions.push('test://three');
    expect(await store.load(place('acme', 's'))).toEqual(stored('first'));
  });

  it('Forgets for the owner only.', async () => {
    const store = memorySessionStore();
    await store.save(place('acme', 's'), stored('first'));
    await store.save(place('acme', 's'), stored('second'));
    await store.remove(place('acme', 's'), 'first');
    await store.remove(place('globex', 's'), 'second');
    expect(await store.load(place('acme', 's'))).toEqual(stored('second'));
    await store.remove(place('acme', 's'), 'second');
    expect(await store.load(place('acme', 's'))).toBeUndefined();
    await store.remove(place('acme', 's'), 'second');
  });

  it('Forgets what has expired, now and then, and nothing else.', async () => {
    const store = memorySessionStore();
    await store.save(place('acme', 'old'), stored('first', Date.now() - 1));
    await store.save(place('acme', 'young'), stored('first', Date.now() + 60_000));
    await store.save(place('acme', 'eternal'), stored('first'));
    for (let count = 0; count < 2000; count += 1) await store.save(place('globex', 'busy'), stored('first'));
    expect(await store.load(place('acme', 'old'))).toBeUndefined();
    expect(await store.load(place('acme', 'young'))).toBeDefined();
    expect(await store.load(place('acme', 'eternal'))).toBeDefined();
  });
});

describe('The option stores.sessions', () => {
  const refusal = expect.objectContaining({ code: 'invalid_option' }) as Error;

  it('Needs the option keys.', () => {
    expect(() => createTessera({ stores: { sessions: memorySessionStore() } })).toThrow(refusal);
    expect(() => createTessera({ stores: { sessions: memorySessionStore() } })).toThrow(/keys/);
  });

  it.each(['save', 'load', 'remove'])('Needs a store that can %s.', (method) => {
    const nothing = (): undefined => undefined;
    const sessions = { save: nothing, load: nothing, remove: nothing, [method]: undefined };
    expect(() => createTessera({ keys: KEYS, stores: { sessions } })).toThrow(refusal);
  });
});
