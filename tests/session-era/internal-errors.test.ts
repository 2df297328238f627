import type { McpServerLike, TenantOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { request, textOf, type Message } from './helpers/messages.js';
import { initialize, openSession } from './helpers/session.js';
import { answerOf } from './helpers/streams.js';
import { createWorld, HOSTS, SETTINGS, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

const SECRET = 'postgres://admin:hunter2@db.internal';

interface Masked {
  readonly code: string;
  readonly errorId: string;
}

/** Expects an error that says no more than a title, a code and an id to ask about. */
async function expectMasked(response: Response, status = 500): Promise<Masked> {
  expect(response.status).toBe(status);
  expect(response.headers.get('mcp-session-id')).toBeNull();
  const text = await response.text();
  expect(text).not.toContain('hunter2');
  expect(text).not.toContain('.ts');
  const message = JSON.parse(text) as Message;
  expect(Object.keys(message).sort()).toEqual(['error', 'id', 'jsonrpc']);
  expect(Object.keys(message.error ?? {}).sort()).toEqual(['code', 'data', 'message']);
  expect(Object.keys(message.error?.data ?? {}).sort()).toEqual(['code', 'errorId']);
  const { code = '', errorId = '' } = message.error?.data ?? {};
  expect(errorId).toMatch(/\S/);
  return { code, errorId };
}

const errorIds = (world: World): string[] => world.events('internalError').map((event) => event.errorId);

describe.each(SETTINGS)('Errors of a server factory ($name)', (setting) => {
  const failing: [string, TenantOptions['server'], string][] = [
    [
      'that throws',
      () => {
        throw new Error(SECRET);
      },
      'factory_failed',
    ],
    ['that rejects', () => Promise.reject(new Error(SECRET)), 'factory_failed'],
    ['that makes nothing', () => undefined as unknown as McpServerLike, 'invalid_server'],
    ['that makes something else', () => ({ secret: SECRET }) as unknown as McpServerLike, 'invalid_server'],
  ];

  it.each(failing)(
    'A factory %s is told to the program and hidden from the caller.',
    async (_what, server, code) => {
      const world = await createWorld(setting, {}, { server });
      const masked = await expectMasked(await initialize(world, TOKENS.acme));
      expect(masked.code).toBe(code);
      expect(errorIds(world)).toEqual([masked.errorId]);
      expect(world.events('serverFailed').map((event) => event.tenantId)).toEqual(['acme']);
      expect(world.events('sessionCreated')).toHaveLength(0);
      expect(world.tessera.getStats().activeSessions).toBe(0);
      expect((await initialize(world, TOKENS.globex)).status).toBe(200);
    },
  );

  it('What a factory threw is in the events.', async () => {
    const server = (): never => {
      throw new Error(SECRET);
    };
    const world = await createWorld(setting, {}, { server });
    await initialize(world, TOKENS.acme);
    const { error } = world.events('serverFailed')[0] ?? {};
    expect([error?.message, (error?.cause as Error | undefined)?.message].join(' ')).toContain(SECRET);
  });

  it('A factory that takes too long is answered with 504.', async () => {
    const server = (): Promise<McpServerLike> => new Promise(() => undefined);
    const world = await createWorld(setting, { limits: { factoryMs: 60 } }, { server });
    const masked = await expectMasked(await initialize(world, TOKENS.acme), 504);
    expect(masked.code).toBe('factory_timeout');
    expect(world.events('serverFailed')).toHaveLength(1);
  });

  it('A factory that returns the same server again does not mix two sessions.', async () => {
    let shared: McpServerLike | undefined;
    const world: World = await createWorld(
      setting,
      {},
      { server: () => (shared ??= setting.sdk.make(world.acme)) },
    );
    const session = await openSession(world, TOKENS.acme);
    const masked = await expectMasked(await initialize(world, TOKENS.sibling));
    expect(['server_reused', 'server_already_connected']).toContain(masked.code);
    expect(textOf(await answerOf(await session.call(1, 'echo', 'fine')))).toBe('fine');
  });

  it('Two errors have two ids.', async () => {
    const server = (): never => {
      throw new Error(SECRET);
    };
    const world = await createWorld(setting, {}, { server });
    const first = await expectMasked(await initialize(world, TOKENS.acme));
    const second = await expectMasked(await initialize(world, TOKENS.acme));
    expect(first.errorId).not.toBe(second.errorId);
    expect(errorIds(world)).toEqual([first.errorId, second.errorId]);
  });
});

describe.each(HOSTS)('Errors of a token registry ($name)', (setting) => {
  it('One that rejects is told to the program and hidden from the caller.', async () => {
    const find = (): Promise<never> => Promise.reject(new Error(SECRET));
    const world = await createWorld(setting, { auth: { registries: [{ find }] } });
    const { errorId } = await expectMasked(await initialize(world, 'unknown-token-of-some-length'));
    expect(errorIds(world)).toEqual([errorId]);
  });

  it('One that throws is told to the program and hidden from the caller.', async () => {
    const find = (): never => {
      throw new Error(SECRET);
    };
    const world = await createWorld(setting, { auth: { registries: [{ find }] } });
    const { errorId } = await expectMasked(await initialize(world, 'unknown-token-of-some-length'));
    expect(errorIds(world)).toEqual([errorId]);
  });
});

describe.each(HOSTS)('Listeners that fail ($name)', (setting) => {
  const fail = (): never => {
    throw new Error('listener');
  };

  it.each([
    ['throws', fail],
    ['rejects', (): Promise<never> => Promise.reject(new Error('listener'))],
  ])('One that %s changes no answer and is reported.', async (_how, listener) => {
    const world = await createWorld(setting);
    const heard: string[] = [];
    for (const name of ['requestHandled', 'sessionCreated', 'toolCalled', 'sessionEnded'] as const) {
      world.tessera.on(name, listener);
      world.tessera.on(name, () => {
        heard.push(name);
      });
    }
    const session = await openSession(world, TOKENS.acme);
    expect(textOf(await answerOf(await session.call(1, 'echo', 'fine')))).toBe('fine');
    expect((await session.end()).status).toBe(200);
    expect((await session.post(request(1, 'ping'))).status).toBe(404);
    await vi.waitFor(() => {
      const failed = new Set(world.events('listenerFailed').map((event) => event.event));
      expect(failed).toEqual(new Set(['requestHandled', 'sessionCreated', 'toolCalled', 'sessionEnded']));
    });
    expect(world.events('listenerFailed')[0]?.error.message).toContain('listener');
    expect(new Set(heard).size).toBe(4);
  });

  it('One that fails on the report of a failure does not go round in circles.', async () => {
    const world = await createWorld(setting);
    const listener = vi.fn(fail);
    world.tessera.on('listenerFailed', listener);
    world.tessera.on('sessionCreated', fail);
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
    expect(listener.mock.calls.length).toBeLessThanOrEqual(2);
  });

  it('One that fails does not keep a method of the tessera from working.', async () => {
    const { tessera } = await createWorld(setting);
    for (const name of ['tokenAdded', 'tokenRemoved', 'tenantRemoved'] as const) tessera.on(name, fail);
    expect(tessera.addToken('acme', 'a-token-of-a-reasonable-length-42').fingerprint).toMatch(
      /^[0-9a-f]{12}$/,
    );
    expect(tessera.removeToken('a-token-of-a-reasonable-length-42')).toBe(true);
    expect(tessera.removeTenant('acme')).toBe(true);
  });
});
