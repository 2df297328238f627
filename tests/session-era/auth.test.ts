import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { initializeMessage, notification, request } from './helpers/messages.js';
import { rawRequest } from './helpers/raw.js';
import { expectOAuthRefusal, expectUnauthorized } from './helpers/refusals.js';
import { bare, headersOf, initialize, openSession, post } from './helpers/session.js';
import {
  createWorld,
  HOSTS,
  IN_PROCESS,
  newToken,
  OVER_SOCKET,
  TOKENS,
  type World,
} from './helpers/world.js';

afterEach(closeEverything);

const withCredentials = (world: World, authorization: string): Promise<Response> =>
  post(world, initializeMessage(), { headers: { authorization } });

describe.each(HOSTS)('Who is let in ($name)', (setting) => {
  it.each(['GET', 'DELETE', 'POST'])('A %s without a token is challenged.', async (method) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response =
      method === 'POST'
        ? await post(world, initializeMessage())
        : await bare(world, method, { session: session.id });
    const challenge = response.headers.get('www-authenticate');
    expect(challenge).toMatch(/^Bearer\b/);
    expect(challenge).not.toContain('error');
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(response.headers.get('cache-control')).toContain('no-store');
    await expectOAuthRefusal(response, 401);
  });

  it.each(['GET', 'DELETE', 'POST'])('A %s with an unknown token is refused.', async (method) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const caller = { token: newToken(), session: session.id };
    const response =
      method === 'POST' ? await post(world, request(1, 'ping'), caller) : await bare(world, method, caller);
    expect((await expectUnauthorized(response)).error).toBe('invalid_token');
    expect((await session.post(request(1, 'ping'))).status).toBe(200);
  });

  it('A token is asked for at every request, and a session id alone opens nothing.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const message = notification('notifications/initialized');
    await expectOAuthRefusal(await post(world, message, { session: session.id }), 401);
  });

  it('A token that has expired is refused with words that say so.', async () => {
    const world = await createWorld(setting);
    const token = newToken();
    world.tessera.addToken('acme', token, { expiresAt: Date.now() + 400 });
    const valid = await initialize(world, token);
    expect(valid.status).toBe(200);
    await valid.text();
    const response = await vi.waitFor(
      async () => {
        const late = await initialize(world, token);
        if (late.status === 200) throw new Error('The token is still valid.');
        return late;
      },
      { timeout: 5000, interval: 20 },
    );
    expect(await expectUnauthorized(response)).toEqual({
      error: 'invalid_token',
      error_description: 'Token has expired',
    });
  });

  it.each(['Bearer', 'bearer', 'BEARER', 'bEaReR'])('The scheme may be written %s.', async (scheme) => {
    const world = await createWorld(setting);
    expect((await withCredentials(world, `${scheme} ${TOKENS.acme}`)).status).toBe(200);
  });

  it.each([
    ['two tokens', `Bearer ${TOKENS.acme} ${TOKENS.acme}`],
    ['a comma', `Bearer ${TOKENS.acme},${TOKENS.acme}`],
    ['two credentials', `Bearer ${TOKENS.acme}, Bearer ${TOKENS.acme}`],
    ['no token', 'Bearer'],
    ['only space', 'Bearer   '],
  ])('Credentials with %s are malformed.', async (_what, authorization) => {
    const world = await createWorld(setting);
    const body = await expectOAuthRefusal(await withCredentials(world, authorization), 400);
    expect(body.error).toBe('invalid_request');
  });

  it.each([
    ['of another scheme', `Basic ${TOKENS.acme}`],
    ['of a scheme that begins alike', `BearerX ${TOKENS.acme}`],
    ['without a scheme', TOKENS.acme],
    ['that are cut short', `Bearer ${TOKENS.acme.slice(0, -1)}`],
    ['in quotes', `Bearer "${TOKENS.acme}"`],
    ['in other letters', `Bearer ${TOKENS.acme.toUpperCase()}`],
    ['named like a property', 'Bearer __proto__'],
  ])('Credentials %s let nobody in.', async (_what, authorization) => {
    const world = await createWorld(setting);
    expect([400, 401]).toContain((await withCredentials(world, authorization)).status);
    expect(world.tessera.getStats().activeSessions).toBe(0);
  });

  it.each([`access_token=${TOKENS.acme}`, `a=b&access_token=${TOKENS.acme}`, 'access_token='])(
    'A token in the query is refused with 400: %s.',
    async (query) => {
      const world = await createWorld(setting);
      const response = await world.send({
        path: `/mcp?${query}`,
        headers: headersOf({}),
        body: JSON.stringify(initializeMessage()),
      });
      await expectOAuthRefusal(response, 400);
    },
  );

  it('A token in the query whose name is written differently lets nobody in.', async () => {
    const world = await createWorld(setting);
    for (const name of ['access%5Ftoken', 'Access_Token', 'token', 'authorization']) {
      const response = await world.send({
        path: `/mcp?${name}=${TOKENS.acme}`,
        headers: headersOf({}),
        body: JSON.stringify(initializeMessage()),
      });
      expect([400, 401]).toContain(response.status);
    }
  });

  it('Nothing that is told holds a token.', async () => {
    const world = await createWorld(setting);
    const unknown = newToken();
    await (await openSession(world, TOKENS.acme)).end();
    await initialize(world, unknown);
    world.tessera.removeToken(TOKENS.acme);
    const told = JSON.stringify([
      world.everyEvent(),
      world.tessera.getStats(),
      world.tessera.getActiveSessions(),
      world.tessera.tenants(),
    ]);
    for (const token of [TOKENS.acme, TOKENS.sibling, TOKENS.globex, unknown])
      expect(told).not.toContain(token);
  });
});

describe('The body of a caller who is not let in', () => {
  it.each([
    ['without a token', {}, 401],
    ['with an unknown token', { token: newToken() }, 401],
    ['with malformed credentials', { headers: { authorization: 'Bearer a b' } }, 400],
  ])('It is not read %s.', async (_who, caller, status) => {
    const world = await createWorld(IN_PROCESS);
    let read = false;
    const body = new ReadableStream(
      {
        pull: () => {
          read = true;
          throw new Error('The body was read.');
        },
      },
      { highWaterMark: 0 },
    );
    expect((await post(world, body, caller)).status).toBe(status);
    expect(read).toBe(false);
  });

  it('It is not waited for over a socket.', async () => {
    const world = await createWorld(OVER_SOCKET);
    const answer = await rawRequest(world.port, [
      'POST /mcp HTTP/1.1',
      `Host: 127.0.0.1:${String(world.port)}`,
      'Content-Type: application/json',
      'Accept: application/json, text/event-stream',
      'Content-Length: 1000',
    ]);
    expect(answer.status).toBe(401);
  });

  it('Its form does not matter, because nobody looks at it.', async () => {
    const world = await createWorld(IN_PROCESS);
    const headers = { 'content-type': 'text/plain', accept: 'text/html' };
    expect((await post(world, 'no json', { headers })).status).toBe(401);
  });
});
