import { memorySessionStore, type AuthInfo, type AuthOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { whoAmI } from './helpers/asleep.js';
import { closeEverything } from './helpers/cleanup.js';
import { createReplicas, movedTo, OpenStore } from './helpers/handover.js';
import { openSession, TestSession } from './helpers/session.js';
import { HOSTS, newToken } from './helpers/world.js';

afterEach(closeEverything);

/** Lets users of one tenant in, each with as many tokens as they like: a token is a name and something random. */
const auth: AuthOptions = {
  tenant: 'acme',
  verifier: {
    verifyAccessToken: (token): Promise<AuthInfo> => {
      const [sub] = token.split('.');
      return Promise.resolve({
        token,
        clientId: 'one app for all',
        scopes: [],
        expiresAt: Math.floor(Date.now() / 1000) + 3600,
        extra: { sub, iss: 'https://login.example.com' },
      });
    },
  },
};

const tokenOf = (user: string): string => `${user}.${newToken()}`;

describe.each(HOSTS)('The session of a user whose token a verifier knows ($name)', (setting) => {
  it('Goes on in another process with a token that the first one has never seen.', async () => {
    const store = new OpenStore();
    const [first, second] = await createReplicas(setting, store, { auth });
    const session = await openSession(first, tokenOf('ada'));
    const fresh = new TestSession(second, { ...session.caller, token: tokenOf('ada') });
    expect(await whoAmI(fresh)).toBe('acme');
    expect(second.events('sessionAdopted')).toMatchObject([{ sessionId: session.id }]);
    expect(JSON.stringify(store.all())).not.toContain(session.token);
    expect(JSON.stringify(store.all())).not.toContain(fresh.token);
  });

  it('Is not found by another user of the same app.', async () => {
    const [first, second] = await createReplicas(setting, memorySessionStore(), { auth });
    const session = await openSession(first, tokenOf('ada'));
    const eve = new TestSession(second, { ...session.caller, token: tokenOf('eve') });
    const refused = await eve.call(1, 'whoami');
    const unknown = await eve.call(1, 'whoami', '', { session: 'none' });
    expect(refused.status).toBe(404);
    expect(await refused.text()).toBe(await unknown.text());
    // Nor when it has been adopted by its own user.
    expect(await whoAmI(movedTo(second, session))).toBe('acme');
    expect((await eve.call(2, 'whoami')).status).toBe(404);
    expect((await eve.end()).status).toBe(404);
    expect(await whoAmI(movedTo(second, session), 2)).toBe('acme');
  });

  it('Counts for its own user only.', async () => {
    const limits = { sessions: 1 };
    const [first, second] = await createReplicas(setting, memorySessionStore(), { auth, limits });
    const session = await openSession(first, tokenOf('ada'));
    const others = [await openSession(second, tokenOf('eve')), await openSession(second, tokenOf('ida'))];
    for (const other of others) await other.listen();
    expect(await whoAmI(movedTo(second, session))).toBe('acme');
    expect(second.events('sessionEnded')).toEqual([]);
    const streaming = await openSession(second, tokenOf('bob'));
    await streaming.listen();
    const elsewhere = await openSession(first, tokenOf('bob'));
    expect((await movedTo(second, elsewhere).call(1, 'whoami')).status).toBe(429);
  });
});
