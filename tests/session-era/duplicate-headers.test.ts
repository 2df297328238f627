import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { request } from './helpers/messages.js';
import { rawRequest } from './helpers/raw.js';
import { openSession } from './helpers/session.js';
import { createWorld, OVER_SOCKET, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

const BODY = JSON.stringify(request(1, 'ping'));

async function linesOf(world: World): Promise<[string, string][]> {
  const session = await openSession(world, TOKENS.acme);
  return [
    ['Host', `127.0.0.1:${String(world.port)}`],
    ['Authorization', `Bearer ${TOKENS.acme}`],
    ['Content-Type', 'application/json'],
    ['Origin', 'http://localhost'],
    ['Mcp-Session-Id', session.id],
    ['Accept', 'application/json, text/event-stream'],
    ['Content-Length', String(BODY.length)],
    ['Connection', 'close'],
  ];
}

const OTHER: Record<string, string> = {
  Host: 'localhost',
  Authorization: `Bearer ${TOKENS.globex}`,
  'Content-Type': 'text/plain',
  Origin: 'http://127.0.0.1',
  'Mcp-Session-Id': 'another',
};

const send = (world: World, lines: readonly (readonly [string, string])[]): ReturnType<typeof rawRequest> =>
  rawRequest(world.port, ['POST /mcp HTTP/1.1', ...lines.map((line) => line.join(': '))], BODY);

describe('Headers that come twice over a socket', () => {
  it('A request that has each of them once is served.', async () => {
    const world = await createWorld(OVER_SOCKET);
    const answer = await send(world, await linesOf(world));
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('"result":{}');
  });

  it.each(Object.keys(OTHER))('%s with the same value twice is refused.', async (name) => {
    const world = await createWorld(OVER_SOCKET);
    const lines = await linesOf(world);
    const twice = lines.filter(([known]) => known === name);
    expect((await send(world, [...lines, ...twice])).status).toBe(400);
  });

  it.each(Object.entries(OTHER))('%s with another value behind it is refused.', async (name, value) => {
    const world = await createWorld(OVER_SOCKET);
    const lines = await linesOf(world);
    expect((await send(world, [...lines, [name, value]])).status).toBe(400);
  });

  it.each(Object.entries(OTHER))('%s with another value before it is refused.', async (name, value) => {
    const world = await createWorld(OVER_SOCKET);
    const lines = await linesOf(world);
    expect((await send(world, [[name.toLowerCase(), value], ...lines])).status).toBe(400);
  });
});
