import type { McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { initializeMessage, notification, request, textOf } from './helpers/messages.js';
import { expectOAuthRefusal, expectUnauthorized } from './helpers/refusals.js';
import { headersOf, initialize, openSession } from './helpers/session.js';
import { answerOf } from './helpers/streams.js';
import {
  createWorld,
  HOSTS,
  IN_PROCESS,
  newToken,
  SETTINGS,
  TOKENS,
  type Setting,
  type World,
} from './helpers/world.js';

afterEach(closeEverything);

/** A world whose tenant `acme` gets its servers only when the test lets it. */
async function withSlowFactory(
  setting: Setting,
): Promise<{ world: World; open: () => void; asked: () => number }> {
  const gates: (() => void)[] = [];
  let asked = 0;
  const world: World = await createWorld(
    setting,
    {},
    {
      server: async (): Promise<McpServerLike> => {
        asked += 1;
        await new Promise<void>((resolve) => gates.push(resolve));
        return setting.sdk.make(world.acme);
      },
    },
  );
  const open = (): void => {
    for (const gate of gates.splice(0)) gate();
  };
  return { world, open, asked: () => asked };
}

const untilAsked = (asked: () => number): Promise<void> =>
  vi.waitFor(
    () => {
      expect(asked()).toBeGreaterThan(0);
    },
    { timeout: 5000, interval: 5 },
  );

describe.each(SETTINGS)('What happens while a session is being opened ($name)', (setting) => {
  const removals: [string, (world: World) => void][] = [
    ['its token is removed', ({ tessera }) => tessera.removeToken(TOKENS.acme)],
    ['its tenant is removed', ({ tessera }) => tessera.removeTenant('acme')],
  ];

  it.each(removals)('When %s, the caller gets 401 and nothing is left.', async (_what, remove) => {
    const { world, open, asked } = await withSlowFactory(setting);
    const opening = initialize(world, TOKENS.acme);
    await untilAsked(asked);
    remove(world);
    open();
    await expectUnauthorized(await opening);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, callsInFlight: 0, activeServers: 0 });
    expect(world.tessera.getActiveSessions()).toEqual([]);
    expect(world.events('sessionEnded').length).toBe(world.events('sessionCreated').length);
  });

  it('When a sibling token is removed, the session opens.', async () => {
    const { world, open, asked } = await withSlowFactory(setting);
    const opening = initialize(world, TOKENS.acme);
    await untilAsked(asked);
    world.tessera.removeToken(TOKENS.sibling);
    open();
    expect((await opening).status).toBe(200);
  });

  it('When its token is rotated, the session opens for the new token.', async () => {
    const { world, open, asked } = await withSlowFactory(setting);
    const opening = initialize(world, TOKENS.acme);
    await untilAsked(asked);
    const token = newToken();
    world.tessera.rotateToken(TOKENS.acme, token);
    open();
    const session = (await opening).headers.get('mcp-session-id') ?? '';
    const headers = headersOf({ token, session });
    const response = await world.send({ headers, body: JSON.stringify(request(1, 'ping')) });
    expect(response.status).toBe(200);
  });

  it('When the tessera closes, the caller is answered and nothing is left.', async () => {
    const { world, open, asked } = await withSlowFactory(setting);
    const opening = initialize(world, TOKENS.acme);
    await untilAsked(asked);
    const closing = world.tessera.close();
    open();
    await closing;
    const response = await opening;
    expect([401, 503]).toContain(response.status);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, callsInFlight: 0, activeServers: 0 });
  });

  it('Callers of another tenant do not wait for its factory.', async () => {
    const { world, open, asked } = await withSlowFactory(setting);
    const opening = initialize(world, TOKENS.acme);
    await untilAsked(asked);
    const session = await openSession(world, TOKENS.globex);
    expect(textOf(await answerOf(await session.call(1, 'whoami')))).toBe('globex');
    open();
    expect((await opening).status).toBe(200);
  });
});

describe.each(HOSTS)('Callers that come at the same time ($name)', (setting) => {
  it('Sessions of several tenants do not get past the cap of all together.', async () => {
    const world = await createWorld(setting, { limits: { totalSessions: 3 } });
    const tokens = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? TOKENS.acme : TOKENS.globex));
    const answers = await Promise.all(tokens.map((token) => initialize(world, token)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(3);
    expect(answers.filter((answer) => answer.status === 503)).toHaveLength(9);
  });

  it('A session is deleted once, however many ask for it.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const answers = await Promise.all([1, 2, 3, 4].map(() => session.end()));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    expect(answers.filter((answer) => answer.status === 404)).toHaveLength(3);
    expect(world.events('sessionEnded')).toHaveLength(1);
  });

  it('Of many GETs of one session the last four stay.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await Promise.all(Array.from({ length: 10 }, () => session.listen()));
    await vi.waitFor(() => {
      expect(world.tessera.getStats().openStreams).toBe(4);
    });
  });

  it('A call and its cancellation that cross leave nothing behind.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const work = Array.from({ length: 10 }, async (_, id) => {
      const answer = session.call(id, 'echo', 'x');
      await session.post(notification('notifications/cancelled', { requestId: id }));
      expect((await answer).status).toBe(200);
    });
    await Promise.all(work);
    expect(world.tessera.getStats().callsInFlight).toBe(0);
  });
});

describe('The function that answers requests', () => {
  it('It can be passed on without the tessera it belongs to.', async () => {
    const { fetch } = (await createWorld(IN_PROCESS)).tessera;
    const init = {
      method: 'POST',
      headers: headersOf({ token: TOKENS.acme }),
      body: JSON.stringify(initializeMessage()),
    };
    expect((await fetch(new Request('http://localhost/mcp', init))).status).toBe(200);
  });

  it('It does not reject when the body breaks off.', async () => {
    const world = await createWorld(IN_PROCESS);
    const session = await openSession(world, TOKENS.acme);
    const body = new ReadableStream({
      pull: () => {
        throw new Error('The connection was lost at db.internal.');
      },
    });
    const init = { method: 'POST', headers: headersOf(session.caller), body, duplex: 'half' as const };
    const response = await world.tessera.fetch(new Request('http://localhost/mcp', init));
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).not.toContain('db.internal');
    expect((await session.post(request(1, 'ping'))).status).toBe(200);
  });

  it('A refused caller can be let in by the next request.', async () => {
    const world = await createWorld(IN_PROCESS);
    const token = newToken();
    await expectOAuthRefusal(await initialize(world, token), 401);
    world.tessera.addToken('acme', token);
    expect((await initialize(world, token)).status).toBe(200);
  });
});
