import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { notification, request } from './helpers/messages.js';
import { bare, headersOf, initialize, openSession } from './helpers/session.js';
import { createWorld, HOSTS, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const allowOf = (response: Response): string[] =>
  (response.headers.get('allow') ?? '').split(',').map((method) => method.trim());

describe.each(HOSTS)('Methods and paths ($name)', (setting) => {
  it.each(['PUT', 'PATCH', 'HEAD', 'OPTIONS'])('%s is refused with 405.', async (method) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    for (const caller of [{ token: TOKENS.acme }, session.caller]) {
      const response = await bare(world, method, caller);
      expect(response.status).toBe(405);
      expect(allowOf(response)).toEqual(['GET', 'POST', 'DELETE']);
    }
  });

  it.each(['/', '/mcpx', '/mcp/more', '/MCP', '/other?path=/mcp', '/x/mcp', '//mcp', '/%6dcp%2f'])(
    'There is nothing at %s.',
    async (path) => {
      const world = await createWorld(setting);
      for (const method of ['GET', 'POST', 'DELETE']) {
        const response = await world.send({
          path,
          method,
          headers: headersOf({ token: TOKENS.acme }, method),
          ...(method === 'POST' ? { body: JSON.stringify(request(1, 'ping')) } : {}),
        });
        expect(response.status).toBe(404);
      }
    },
  );

  it('A query behind the path does not matter.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await world.send({
      path: '/mcp?a=b&c=/other',
      headers: headersOf(session.caller),
      body: JSON.stringify(request(1, 'ping')),
    });
    expect(response.status).toBe(200);
  });

  it('The path of the endpoint can be chosen.', async () => {
    const world = await createWorld(setting, { endpoint: '/tools/v1' });
    expect((await initialize(world, TOKENS.acme)).status).toBe(404);
    const response = await world.send({
      path: '/tools/v1',
      headers: headersOf({}),
      body: JSON.stringify(request(1, 'ping')),
    });
    expect(response.status).toBe(401);
  });
});

describe.each(SETTINGS)('Messages without an answer and the end of a session ($name)', (setting) => {
  it.each([
    ['notification', notification('notifications/initialized')],
    ['notification nobody knows', notification('notifications/nobody/knows')],
    ['response to nothing', { jsonrpc: '2.0', id: 4711, result: {} }],
    ['error to nothing', { jsonrpc: '2.0', id: 'x', error: { code: -1, message: 'no' } }],
  ])('A %s is accepted with 202 and nothing else.', async (_what, message) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.post(message);
    expect(response.status).toBe(202);
    expect(await response.text()).toBe('');
  });

  it('A session that is deleted is gone for every method.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const other = await openSession(world, TOKENS.acme);
    expect((await session.end()).status).toBe(200);
    expect((await session.end()).status).toBe(404);
    expect((await session.get()).status).toBe(404);
    expect((await session.post(request(1, 'ping'))).status).toBe(404);
    expect((await session.post(notification('notifications/initialized'))).status).toBe(404);
    expect((await other.post(request(1, 'ping'))).status).toBe(200);
    expect(world.events('sessionEnded').map((event) => event.sessionId)).toEqual([session.id]);
    expect(world.tessera.getActiveSessions().map((active) => active.sessionId)).toEqual([other.id]);
  });

  it('Deleting a session ends its streams.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const streams = [await session.listen(), await session.listen()];
    await session.end();
    for (const stream of streams) await stream.untilEnd();
    expect(world.tessera.getStats().openStreams).toBe(0);
  });
});
