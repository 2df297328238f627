import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { notification, request } from './helpers/messages.js';
import { bare, openSession, post } from './helpers/session.js';
import { createWorld, HOSTS, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

const ORIGIN = 'https://app.example.com';
const FROM_PAGE = { headers: { origin: ORIGIN } };
const OPTIONS = { origins: [ORIGIN] };

const listOf = (response: Response, name: string): string[] =>
  (response.headers.get(name) ?? '').split(',').map((item) => item.trim().toLowerCase());

const preflight = (world: World, headers: Record<string, string> = {}): Promise<Response> =>
  world.send({
    method: 'OPTIONS',
    headers: {
      origin: ORIGIN,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,mcp-protocol-version,mcp-session-id',
      ...headers,
    },
  });

describe.each(HOSTS)('Pages that call from an allowed origin ($name)', (setting) => {
  it('They may read every answer, whatever its status.', async () => {
    const world = await createWorld(setting, OPTIONS);
    const session = await openSession(world, TOKENS.acme);
    const headers = { origin: ORIGIN };
    const answers = [
      await session.post(request(1, 'ping'), FROM_PAGE),
      await session.post(notification('notifications/initialized'), FROM_PAGE),
      await session.call(1, 'warn', 'streamed', FROM_PAGE),
      await session.get(FROM_PAGE),
      await session.post('no json', FROM_PAGE),
      await post(world, request(1, 'ping'), FROM_PAGE),
      await post(world, request(1, 'ping'), { token: 'unknown', ...FROM_PAGE }),
      await session.call(1, 'echo', '', { session: 'unknown', ...FROM_PAGE }),
      await bare(world, 'PUT', { token: TOKENS.acme, ...FROM_PAGE }),
      await session.call(1, 'echo', '', { headers: { ...headers, accept: 'text/html' } }),
      await session.call(1, 'echo', '', { headers: { ...headers, 'content-type': 'text/plain' } }),
      await session.end(FROM_PAGE),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([
      200, 202, 200, 200, 400, 401, 401, 404, 405, 406, 415, 200,
    ]);
    for (const answer of answers) {
      expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(listOf(answer, 'access-control-expose-headers')).toContain('mcp-session-id');
      expect(listOf(answer, 'vary')).toContain('origin');
      await answer.body?.cancel();
    }
  });

  it('They may read the challenge of a 401.', async () => {
    const world = await createWorld(setting, OPTIONS);
    const response = await post(world, request(1, 'ping'), FROM_PAGE);
    expect(response.status).toBe(401);
    expect(listOf(response, 'access-control-expose-headers')).toContain('www-authenticate');
  });

  it('Callers that are no pages get no such headers.', async () => {
    const world = await createWorld(setting, OPTIONS);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.post(request(1, 'ping'));
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('They may ask before they call, without a token.', async () => {
    const world = await createWorld(setting, OPTIONS);
    const response = await preflight(world);
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(listOf(response, 'access-control-allow-methods')).toEqual(
      expect.arrayContaining(['get', 'post', 'delete']),
    );
    expect(listOf(response, 'access-control-allow-headers')).toEqual(
      expect.arrayContaining([
        'authorization',
        'content-type',
        'mcp-protocol-version',
        'mcp-session-id',
        'last-event-id',
      ]),
    );
    expect(listOf(response, 'vary')).toContain('origin');
  });

  it('A page of another origin is refused when it asks.', async () => {
    const world = await createWorld(setting, OPTIONS);
    for (const origin of ['https://evil.com', 'null']) {
      const response = await preflight(world, { origin });
      expect(response.status).toBe(403);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      expect(response.headers.get('access-control-allow-methods')).toBeNull();
    }
  });

  it('An OPTIONS that asks for nothing is a method that is not allowed.', async () => {
    const world = await createWorld(setting, OPTIONS);
    for (const headers of [{}, { origin: ORIGIN }]) {
      const response = await world.send({ method: 'OPTIONS', headers });
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, POST, DELETE');
    }
  });
});
