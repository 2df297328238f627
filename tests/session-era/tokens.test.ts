import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { request, textOf, toolCall } from './helpers/messages.js';
import { expectUnauthorized } from './helpers/refusals.js';
import { initialize, openSession, post } from './helpers/session.js';
import { answerOf, EventReader } from './helpers/streams.js';
import { createWorld, HOSTS, newToken, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const ping = request(1, 'ping');
const SOON = { timeout: 5000, interval: 10 };

describe.each(SETTINGS)('Removing a token ($name)', (setting) => {
  it('It ends the streams and sessions of the token, and answers its waiting calls with 401.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    const waiting = session.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    expect(world.tessera.removeToken(TOKENS.acme)).toBe(true);
    await expectUnauthorized(await waiting);
    await stream.untilEnd();
    expect(call.signal.aborted).toBe(true);
    await expectUnauthorized(await session.post(ping));
    await expectUnauthorized(await initialize(world, TOKENS.acme));
    const ended = world.events('sessionEnded');
    expect(ended).toHaveLength(1);
    expect(ended[0]).toMatchObject({ sessionId: session.id, tenantId: 'acme' });
    expect(ended[0]?.duration).toBeGreaterThanOrEqual(0);
    expect(world.events('tokenRemoved')).toHaveLength(1);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, callsInFlight: 0, openStreams: 0 });
  });

  it('A call whose stream is open already ends with it.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = new EventReader(await session.post(toolCall(1, 'holdWithProgress', 'work', 't')));
    await world.acme.untilHeld('work');
    world.tessera.removeToken(TOKENS.acme);
    await stream.untilEnd();
    expect(stream.messages.some((message) => message.result !== undefined)).toBe(false);
  });

  it('The sessions of its sibling token go on.', async () => {
    const world = await createWorld(setting);
    await openSession(world, TOKENS.acme);
    const ofSibling = await openSession(world, TOKENS.sibling);
    const stream = await ofSibling.listen();
    const waiting = ofSibling.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    world.tessera.removeToken(TOKENS.acme);
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await waiting))).toBe('work');
    expect(stream.ended).toBe(false);
    expect(world.events('sessionEnded')).toHaveLength(1);
  });

  it('A token that is added again does not get its old sessions back.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    world.tessera.removeToken(TOKENS.acme);
    world.tessera.addToken('acme', TOKENS.acme);
    expect((await session.post(ping)).status).toBe(404);
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
  });
});

describe.each(HOSTS)('Adding and rotating tokens ($name)', (setting) => {
  it('A token that is added lets its caller in until it is removed by its id.', async () => {
    const world = await createWorld(setting);
    const token = newToken();
    expect(world.tessera.hasToken(token)).toBe(false);
    const { tokenId, fingerprint } = world.tessera.addToken('acme', token, { label: 'laptop' });
    expect(fingerprint).toMatch(/^[0-9a-f]{12}$/);
    expect(world.tessera.hasToken(token)).toBe(true);
    expect(world.events('tokenAdded').at(-1)).toEqual({
      tenantId: 'acme',
      tokenId,
      fingerprint,
      label: 'laptop',
    });
    const session = await openSession(world, token);
    expect(world.events('sessionCreated')[0]).toMatchObject({ tokenId, fingerprint });
    expect(world.tessera.removeToken({ tokenId })).toBe(true);
    await expectUnauthorized(await session.post(ping));
    expect(world.tessera.removeToken({ tokenId })).toBe(false);
    expect(world.tessera.removeToken(token)).toBe(false);
    expect(world.tessera.hasToken(token)).toBe(false);
  });

  it('Rotating keeps the sessions, streams and calls, and ends the old token at once.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    const waiting = session.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    const token = newToken();
    const rotated = world.tessera.rotateToken(TOKENS.acme, token);
    await expectUnauthorized(await session.post(ping));
    expect((await session.post(ping, { token })).status).toBe(200);
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await waiting))).toBe('work');
    expect(stream.ended).toBe(false);
    expect(rotated.tokenId).toBe(world.events('sessionCreated')[0]?.tokenId);
    expect(world.events('tokenRotated')).toHaveLength(1);
    expect(world.events('sessionEnded')).toHaveLength(0);
    expect(world.tessera.hasToken(TOKENS.acme)).toBe(false);
  });

  it('The old token works during its grace, on the same sessions, and then no longer.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const token = newToken();
    world.tessera.rotateToken(TOKENS.acme, token, { graceMs: 400 });
    expect((await session.post(ping)).status).toBe(200);
    expect((await session.post(ping, { token })).status).toBe(200);
    await vi.waitFor(async () => {
      expect((await session.post(ping)).status).toBe(401);
    }, SOON);
    expect((await session.post(ping, { token })).status).toBe(200);
    expect(world.events('sessionEnded')).toHaveLength(0);
  });

  it('A session that the old token opened during its grace stays with the new one.', async () => {
    const world = await createWorld(setting);
    const token = newToken();
    world.tessera.rotateToken(TOKENS.acme, token, { graceMs: 300 });
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    await vi.waitFor(async () => {
      expect((await session.post(ping)).status).toBe(401);
    }, SOON);
    expect((await session.post(ping, { token })).status).toBe(200);
    expect(stream.ended).toBe(false);
  });

  it('Removing the new token during the grace of the old one ends both.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const token = newToken();
    world.tessera.rotateToken(TOKENS.acme, token, { graceMs: 60_000 });
    expect(world.tessera.removeToken(token)).toBe(true);
    await expectUnauthorized(await session.post(ping));
    await expectUnauthorized(await session.post(ping, { token }));
    expect(world.events('sessionEnded')).toHaveLength(1);
  });

  it('Rotating an unknown token or to a known one is an error that changes nothing.', async () => {
    const world = await createWorld(setting);
    const { tessera } = world;
    const failure = (code: string): unknown => expect.objectContaining({ code });
    expect(() => tessera.rotateToken(newToken(), newToken())).toThrow(failure('unknown_token'));
    expect(() => tessera.rotateToken(TOKENS.acme, TOKENS.globex)).toThrow(failure('duplicate_token'));
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
  });
});

describe.each(HOSTS)('A token that expires ($name)', (setting) => {
  it.each(['number', 'date'])(
    'Its open sessions end when its time, given as a %s, has come.',
    async (kind) => {
      const world = await createWorld(setting);
      const token = newToken();
      const at = Date.now() + 500;
      world.tessera.addToken('acme', token, { expiresAt: kind === 'date' ? new Date(at) : at });
      const session = await openSession(world, token);
      const stream = await session.listen();
      const waiting = session.call(1, 'hold', 'work');
      const call = await world.acme.untilHeld('work');
      await expectUnauthorized(await waiting);
      await stream.untilEnd();
      expect(Date.now()).toBeGreaterThanOrEqual(at);
      expect(call.signal.aborted).toBe(true);
      const response = await session.post(ping);
      expect((await expectUnauthorized(response)).error_description).toBe('Token has expired');
      expect(world.events('sessionEnded').map((event) => event.sessionId)).toEqual([session.id]);
    },
  );

  it('The sessions of other tokens go on.', async () => {
    const world = await createWorld(setting);
    const token = newToken();
    world.tessera.addToken('acme', token, { expiresAt: Date.now() + 300 });
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    await (await (await openSession(world, token)).listen()).untilEnd();
    expect(stream.ended).toBe(false);
    const caller = { token: TOKENS.acme, session: session.id };
    expect((await post(world, ping, caller)).status).toBe(200);
  });
});
