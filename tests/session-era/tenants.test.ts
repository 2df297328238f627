import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { request, textOf, toolCall } from './helpers/messages.js';
import { expectOAuthRefusal, expectUnauthorized } from './helpers/refusals.js';
import { initialize, openSession, post } from './helpers/session.js';
import { Stage } from './helpers/stage.js';
import { answerOf, EventReader } from './helpers/streams.js';
import { createWorld, HOSTS, newToken, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const failure = (code: string): unknown => expect.objectContaining({ code });

describe.each(HOSTS)('Tenants that come and go ($name)', (setting) => {
  it('A tenant that is added while the tessera runs is served.', async () => {
    const world = await createWorld(setting);
    const token = newToken();
    await expectUnauthorized(await initialize(world, token));
    const stage = new Stage('initech');
    world.tessera.addTenant({
      id: 'initech',
      server: () => setting.sdk.make(stage),
      tokens: [{ token, label: 'first' }],
      metadata: { plan: 'free' },
    });
    const session = await openSession(world, token);
    expect(textOf(await answerOf(await session.call(1, 'whoami')))).toBe('initech');
    expect(world.tessera.getTenant('initech')).toMatchObject({
      enabled: true,
      activeSessions: 1,
      serverName: 'initech',
      metadata: { plan: 'free' },
    });
    expect(world.events('tenantAdded').map((event) => event.tenantId)).toContain('initech');
    expect(world.events('serverRegistered')[0]).toMatchObject({ tenantId: 'initech', serverName: 'initech' });
  });

  it('A tenant or a token cannot be added twice.', async () => {
    const { tessera } = await createWorld(setting);
    const server = (): never => {
      throw new Error('Nobody asked for a server.');
    };
    expect(() => {
      tessera.addTenant({ id: 'acme', server });
    }).toThrow(failure('duplicate_tenant'));
    expect(() => {
      tessera.addTenant({ id: 'other', server, tokens: [newToken(), TOKENS.globex] });
    }).toThrow(failure('duplicate_token'));
    expect(tessera.getTenant('other')).toBeUndefined();
    expect(() => tessera.addToken('acme', TOKENS.globex)).toThrow(failure('duplicate_token'));
    expect(() => tessera.addToken('nobody', newToken())).toThrow(failure('unknown_tenant'));
    expect(tessera.tenants().map((tenant) => tenant.id)).toEqual(['acme', 'globex']);
    await expect(tessera.updateTenant('nobody', { enabled: false })).rejects.toThrow(
      failure('unknown_tenant'),
    );
  });

  it('A tenant that is removed takes its tokens, sessions, streams and calls along.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    const waiting = session.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    expect(world.tessera.removeTenant('acme')).toBe(true);
    await stream.untilEnd();
    await expectUnauthorized(await waiting);
    expect(call.signal.aborted).toBe(true);
    await expectUnauthorized(await session.post(request(2, 'ping')));
    await expectUnauthorized(await initialize(world, TOKENS.sibling));
    expect(world.events('sessionEnded').map((event) => event.sessionId)).toEqual([session.id]);
    expect(world.events('tenantRemoved')).toEqual([{ tenantId: 'acme' }]);
    expect(world.tessera.getTenant('acme')).toBeUndefined();
    expect(world.tessera.hasToken(TOKENS.acme)).toBe(false);
    expect(world.tessera.removeTenant('acme')).toBe(false);
  });

  it('Removing a tenant does not disturb another one.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.globex);
    const stream = await session.listen();
    const waiting = session.call(1, 'hold', 'work');
    const call = await world.globex.untilHeld('work');
    await openSession(world, TOKENS.acme);
    world.tessera.removeTenant('acme');
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await waiting))).toBe('work');
    expect(stream.ended).toBe(false);
  });

  it('The sessions of a removed tenant do not come back with a new tenant of the same name and token.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    world.tessera.removeTenant('acme');
    const stage = new Stage('new acme');
    const server = (): ReturnType<typeof setting.sdk.make> => setting.sdk.make(stage);
    world.tessera.addTenant({ id: 'acme', server, tokens: [TOKENS.acme] });
    expect((await session.post(request(1, 'ping'))).status).toBe(404);
    const fresh = await openSession(world, TOKENS.acme);
    expect(textOf(await answerOf(await fresh.call(1, 'whoami')))).toBe('new acme');
  });

  it('A tenant that is disabled is refused with 403 until it is enabled again.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await world.tessera.updateTenant('acme', { enabled: false });
    await expectOAuthRefusal(await initialize(world, TOKENS.acme), 403);
    await expectOAuthRefusal(await initialize(world, TOKENS.sibling), 403);
    await expectOAuthRefusal(await session.post(request(1, 'ping')), 403);
    await expectOAuthRefusal(await session.get(), 403);
    expect((await initialize(world, TOKENS.globex)).status).toBe(200);
    expect(world.tessera.getTenant('acme')?.enabled).toBe(false);
    await world.tessera.updateTenant('acme', { enabled: true });
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
  });

  it('A tenant may be added disabled.', async () => {
    const world = await createWorld(setting, {}, { enabled: false });
    await expectOAuthRefusal(await initialize(world, TOKENS.acme), 403);
  });
});

describe.each(SETTINGS)('A tenant that gets a new server ($name)', (setting) => {
  it('Open sessions keep the server they have when that is asked for, and new ones get the new one.', async () => {
    const world = await createWorld(setting);
    const old = await openSession(world, TOKENS.acme);
    const next = new Stage('acme two');
    const server = (): ReturnType<typeof setting.sdk.make> => setting.sdk.make(next);
    await world.tessera.updateTenant('acme', { server }, { sessions: 'drain' });
    expect(textOf(await answerOf(await old.call(1, 'whoami')))).toBe('acme');
    const fresh = await openSession(world, TOKENS.acme);
    expect(textOf(await answerOf(await fresh.call(1, 'whoami')))).toBe('acme two');
    expect(world.tessera.getTenant('acme')?.generation).toBe(2);
    expect(world.events('serverUpdated')[0]).toMatchObject({
      tenantId: 'acme',
      oldServerName: 'acme',
      newServerName: 'acme two',
    });
  });

  it('Open sessions end when that is asked for.', async () => {
    const world = await createWorld(setting);
    const old = await openSession(world, TOKENS.acme);
    const stream = await old.listen();
    const next = new Stage('acme two');
    const server = (): ReturnType<typeof setting.sdk.make> => setting.sdk.make(next);
    await world.tessera.updateTenant('acme', { server }, { sessions: 'end' });
    await stream.untilEnd();
    expect((await old.call(1, 'whoami')).status).toBe(404);
    const fresh = await openSession(world, TOKENS.acme);
    expect(textOf(await answerOf(await fresh.call(1, 'whoami')))).toBe('acme two');
  });

  it('A new server that does not work changes nothing.', async () => {
    const world = await createWorld(setting);
    const old = await openSession(world, TOKENS.acme);
    const stream = new EventReader(await old.post(toolCall(1, 'holdWithProgress', 'work', 't')));
    const broken = (): never => {
      throw new Error('broken');
    };
    const update = world.tessera.updateTenant('acme', { server: broken }, { sessions: 'end' });
    await expect(update).rejects.toThrow(failure('factory_failed'));
    expect(stream.ended).toBe(false);
    (await world.acme.untilHeld('work')).release();
    expect(textOf(await stream.untilAnswer(1))).toBe('work');
    const fresh = await openSession(world, TOKENS.acme);
    expect(textOf(await answerOf(await fresh.call(1, 'whoami')))).toBe('acme');
  });

  it('A disabled tenant is refused before its session is looked for.', async () => {
    const world = await createWorld(setting);
    await world.tessera.updateTenant('acme', { enabled: false });
    const caller = { token: TOKENS.acme, session: 'unknown' };
    await expectOAuthRefusal(await post(world, request(1, 'ping'), caller), 403);
    expect(world.events('sessionRefused')).toHaveLength(0);
  });
});
