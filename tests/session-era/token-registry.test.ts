import type { TokenRecord, TokenRegistry, TokenRegistryListener } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { request, textOf, type Message } from './helpers/messages.js';
import { expectUnauthorized } from './helpers/refusals.js';
import { initialize, openSession } from './helpers/session.js';
import { answerOf } from './helpers/streams.js';
import { createWorld, HOSTS, newToken, TOKENS, type Setting, type World } from './helpers/world.js';

afterEach(closeEverything);

/** A registry that learns digests by being asked, as it cannot compute them itself. */
class TestRegistry implements TokenRegistry {
  readonly asked: string[] = [];
  readonly records = new Map<string, TokenRecord>();
  readonly detach = vi.fn();
  listener: TokenRegistryListener | undefined;
  failure: Error | undefined;

  async find(digest: string): Promise<TokenRecord | undefined> {
    this.asked.push(digest);
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (this.failure !== undefined) throw this.failure;
    return this.records.get(digest);
  }

  attach(listener: TokenRegistryListener): () => void {
    this.listener = listener;
    return () => {
      this.detach();
    };
  }
}

interface Known {
  readonly world: World;
  readonly registry: TestRegistry;
  readonly token: string;
}

const open = async (setting: Setting, ...registries: TestRegistry[]): Promise<World> =>
  createWorld(setting, { auth: { registries } });

/** A world with a registry that knows one token of the tenant `globex`. */
async function withKnownToken(setting: Setting, extra: Partial<TokenRecord> = {}): Promise<Known> {
  const registry = new TestRegistry();
  const world = await open(setting, registry);
  const token = newToken();
  await expectUnauthorized(await initialize(world, token));
  const digest = registry.asked[0] ?? '';
  registry.records.set(digest, {
    tokenId: 'kept-elsewhere',
    tenantId: 'globex',
    digest,
    fingerprint: '0123456789ab',
    scopes: [],
    ...extra,
  });
  return { world, registry, token };
}

describe.each(HOSTS)('Tokens that are kept elsewhere ($name)', (setting) => {
  it('A token that the registry knows lets its caller in.', async () => {
    const { world, token } = await withKnownToken(setting);
    const session = await openSession(world, token);
    expect(textOf(await answerOf(await session.call(1, 'whoami')))).toBe('globex');
    expect(world.events('sessionCreated')[0]).toMatchObject({
      tenantId: 'globex',
      tokenId: 'kept-elsewhere',
      fingerprint: '0123456789ab',
    });
  });

  it('It is asked by digest, and never for tokens that the tessera has.', async () => {
    const registry = new TestRegistry();
    const world = await open(setting, registry);
    const token = newToken();
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
    expect(registry.asked).toHaveLength(0);
    await expectUnauthorized(await initialize(world, token));
    await expectUnauthorized(await initialize(world, token));
    expect(registry.asked.length).toBeGreaterThanOrEqual(1);
    expect(new Set(registry.asked).size).toBe(1);
    expect(registry.asked[0]).toMatch(/^[\w-]{43}$/);
    expect(registry.asked[0]).not.toContain(token);
  });

  it('A later registry is asked when an earlier one does not know the token.', async () => {
    const first = new TestRegistry();
    const second = new TestRegistry();
    const world = await open(setting, first, second);
    const token = newToken();
    await expectUnauthorized(await initialize(world, token));
    const digest = second.asked[0] ?? '';
    expect(first.asked[0]).toBe(digest);
    second.records.set(digest, {
      tokenId: 't',
      tenantId: 'acme',
      digest,
      fingerprint: 'f'.repeat(12),
      scopes: [],
    });
    expect((await initialize(world, token)).status).toBe(200);
  });

  it('A registry that fails is an error that says nothing, and lets nobody in.', async () => {
    const registry = new TestRegistry();
    registry.failure = new Error('password=hunter2 at db.internal');
    const world = await open(setting, registry);
    const response = await initialize(world, newToken());
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('db.internal');
    const error = (JSON.parse(text) as Message).error;
    expect(error?.data?.errorId).toMatch(/\S/);
    expect(world.events('internalError').map((event) => event.errorId)).toEqual([error?.data?.errorId]);
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
    expect(world.tessera.getStats().activeSessions).toBe(1);
  });

  it('What it says has been revoked ends at once.', async () => {
    const { world, registry, token } = await withKnownToken(setting);
    const session = await openSession(world, token);
    const other = await openSession(world, TOKENS.globex);
    const stream = await session.listen();
    const otherStream = await other.listen();
    const waiting = session.call(1, 'hold', 'work');
    const call = await world.globex.untilHeld('work');
    registry.records.clear();
    registry.listener?.revoked('kept-elsewhere');
    await expectUnauthorized(await waiting);
    await stream.untilEnd();
    expect(call.signal.aborted).toBe(true);
    await expectUnauthorized(await session.post(request(2, 'ping')));
    expect(world.events('sessionEnded').map((event) => event.sessionId)).toEqual([session.id]);
    expect(world.events('tokenRemoved').map((event) => event.tokenId)).toEqual(['kept-elsewhere']);
    expect(otherStream.ended).toBe(false);
    expect((await other.post(request(1, 'ping'))).status).toBe(200);
  });

  it('A revocation of a token nobody uses does no harm.', async () => {
    const { world, registry } = await withKnownToken(setting);
    const session = await openSession(world, TOKENS.acme);
    expect(() => {
      registry.listener?.revoked('unheard-of');
    }).not.toThrow();
    expect((await session.post(request(1, 'ping'))).status).toBe(200);
  });

  it('A record that has expired is refused with words that say so.', async () => {
    const { world, token } = await withKnownToken(setting, { expiresAt: Date.now() - 1000 });
    const body = await expectUnauthorized(await initialize(world, token));
    expect(body.error_description).toBe('Token has expired');
  });

  it('Sessions end when their record expires.', async () => {
    const { world, token } = await withKnownToken(setting, { expiresAt: Date.now() + 600 });
    const stream = await (await openSession(world, token)).listen();
    await stream.untilEnd();
    expect(world.events('sessionEnded')).toHaveLength(1);
  });

  it('A record of a tenant that does not exist lets nobody in.', async () => {
    const { world, token } = await withKnownToken(setting, { tenantId: 'nobody' });
    const response = await initialize(world, token);
    expect([401, 403]).toContain(response.status);
    expect(world.tessera.getStats().activeSessions).toBe(0);
  });

  it('It is let go when the tessera closes.', async () => {
    const { world, registry } = await withKnownToken(setting);
    expect(registry.listener).toBeDefined();
    await world.tessera.close();
    expect(registry.detach).toHaveBeenCalledTimes(1);
  });
});
