import { coreErrors, TesseraError, type McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { serverV1, serverV2 } from '../one-line-server/helpers/servers.js';
import { closeEverything } from '../session-era/helpers/cleanup.js';
import { initialize, openSession } from '../session-era/helpers/session.js';
import { createWorld, HOSTS, IN_PROCESS, TOKENS } from '../session-era/helpers/world.js';
import { hookConnect } from './helpers/hand-made-server.js';
import { failureOf } from './helpers/waiting.js';

afterEach(closeEverything);

const SECRET = 'postgres://admin:hunter2@db.internal';

/** A server that reports an error as soon as it is connected. */
const troubled = (server: McpServerLike): McpServerLike =>
  hookConnect(server, async (connect, transport) => {
    await connect();
    transport.onerror?.(new Error('trouble'));
  });

describe.each([
  ['SDK v1', (): McpServerLike => troubled(serverV1('new'))],
  ['SDK v2', (): McpServerLike => troubled(serverV2('new'))],
])('A server of %s that is tried out for an update', (_sdk, make) => {
  it('Its errors are not told as errors of a session that nobody knows.', async () => {
    const world = await createWorld(IN_PROCESS, {}, { server: () => serverV1('old') });
    await openSession(world, TOKENS.acme);
    await world.tessera.updateTenant('acme', { server: make });
    expect(world.events('serverUpdated')).toHaveLength(1);
    expect(world.events('transportError')).toHaveLength(0);
    expect(world.events('sessionCreated')).toHaveLength(1);
    // Of a session that is opened with it they are told.
    const session = await openSession(world, TOKENS.acme);
    expect(world.events('transportError').map(({ sessionId }) => sessionId)).toEqual([session.id]);
  });

  it('Its errors are not told when it does not work either.', async () => {
    const world = await createWorld(IN_PROCESS, {}, { server: () => serverV1('old') });
    await openSession(world, TOKENS.acme);
    const server = (): McpServerLike =>
      hookConnect(make(), async (connect) => {
        await connect();
        throw new Error('cannot be connected');
      });
    expect(await failureOf(world.tessera.updateTenant('acme', { server }))).toMatchObject({
      code: 'factory_failed',
    });
    expect(world.events('serverFailed')).toHaveLength(1);
    expect(world.events('transportError')).toHaveLength(0);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 1, callsInFlight: 0 });
  });
});

describe.each(HOSTS)('A factory that throws an error of this project ($name)', (setting) => {
  it.each(['session_not_found', 'invalid_token', 'draining', 'client_gone', 'factory_timeout'] as const)(
    'The text and the status of %s are kept from the client, and the program is told.',
    async (code) => {
      const thrown = new TesseraError(coreErrors[code], SECRET, { headers: { 'x-leak': 'hunter2' } });
      const server = (): never => {
        throw thrown;
      };
      const world = await createWorld(setting, {}, { server });
      const response = await initialize(world, TOKENS.acme);
      expect(response.status).toBe(500);
      expect(response.headers.get('x-leak')).toBeNull();
      const text = await response.text();
      expect(text).not.toContain('hunter2');
      expect(JSON.parse(text)).toMatchObject({ error: { data: { code: 'factory_failed' } } });
      const failed = world.events('serverFailed');
      expect(failed.map(({ tenantId }) => tenantId)).toEqual(['acme']);
      expect(failed[0]?.error).toMatchObject({ code: 'factory_failed', cause: thrown });
    },
  );

  it('An error that a management method threw inside the factory is treated the same.', async () => {
    const world = await createWorld(setting);
    await world.tessera.updateTenant('acme', {
      server: () => {
        world.tessera.addToken('nobody-of-that-name', 'x'.repeat(40));
        return serverV1('never');
      },
    });
    const response = await initialize(world, TOKENS.acme);
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).not.toContain('nobody-of-that-name');
    expect(JSON.parse(text)).toMatchObject({ error: { data: { code: 'factory_failed' } } });
    expect(world.events('serverFailed')).toHaveLength(1);
  });
});
