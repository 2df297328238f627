import type { McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { serverV1 } from '../one-line-server/helpers/servers.js';
import { gate, rejectionOf } from '../one-line-server/helpers/watch.js';
import { closeEverything } from '../session-era/helpers/cleanup.js';
import { request } from '../session-era/helpers/messages.js';
import { expectOAuthRefusal } from '../session-era/helpers/refusals.js';
import { initialize, openSession } from '../session-era/helpers/session.js';
import { createWorld, HOSTS, IN_PROCESS, TOKENS } from '../session-era/helpers/world.js';
import { until, within } from './helpers/waiting.js';

afterEach(closeEverything);

describe('The option enabled of updateTenant', () => {
  it.each([['no'], [0], [null]])('%j is refused and changes nothing.', async (enabled) => {
    const world = await createWorld(IN_PROCESS);
    const update = world.tessera.updateTenant('acme', { enabled } as unknown as { enabled: boolean });
    expect((await rejectionOf(update)).code).toBe('invalid_option');
    expect(world.tessera.getTenant('acme')?.enabled).toBe(true);
    expect(world.events('tenantUpdated')).toHaveLength(0);
    expect((await initialize(world, TOKENS.acme)).status).toBe(200);
  });
});

describe.each(HOSTS)('A tenant that is disabled ($name)', (setting) => {
  it('Sessions that are just being opened are refused at once, and none is left.', async () => {
    const open = gate();
    let asked = 0;
    const server = async (): Promise<McpServerLike> => {
      asked += 1;
      await open.opened;
      return serverV1('slow');
    };
    const world = await createWorld(setting, {}, { server });
    const opening = initialize(world, TOKENS.acme);
    await until(() => {
      expect(asked).toBe(1);
    });
    await world.tessera.updateTenant('acme', { enabled: false });
    const response = await within(1000, opening);
    expect(response.headers.get('mcp-session-id')).toBeNull();
    await expectOAuthRefusal(response, 403);
    open.open();
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, callsInFlight: 0 });
    expect(world.events('serverFailed')).toHaveLength(0);
  });

  it('Its GET streams end, and its sessions are there again when it is enabled again.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const other = await openSession(world, TOKENS.globex);
    const streams = [await session.listen(), await session.listen()];
    const ofOther = await other.listen();
    await until(() => {
      expect(world.tessera.getStats().openStreams).toBe(3);
    });
    await world.tessera.updateTenant('acme', { enabled: false });
    for (const stream of streams) await within(1000, stream.untilEnd());
    expect(world.tessera.getStats()).toMatchObject({ openStreams: 1, activeSessions: 2 });
    expect(ofOther.ended).toBe(false);
    expect((await session.get()).status).toBe(403);
    expect((await session.post(request(1, 'ping'))).status).toBe(403);
    await world.tessera.updateTenant('acme', { enabled: true });
    expect((await session.post(request(2, 'ping'))).status).toBe(200);
  });
});
