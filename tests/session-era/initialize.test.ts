import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { textOf, VERSIONS } from './helpers/messages.js';
import { initialize, openSession } from './helpers/session.js';
import { answerOf, mediaType } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

describe.each(SETTINGS)('Opening a session ($name)', (setting) => {
  it.each(VERSIONS)('A client that asks for %s gets a session of that version.', async (version) => {
    const world = await createWorld(setting);
    const response = await initialize(world, TOKENS.acme, { version, id: 'first' });
    expect(response.status).toBe(200);
    expect(mediaType(response)).toBe('application/json');
    expect(response.headers.get('cache-control')).toContain('no-store');
    expect(response.headers.get('mcp-session-id')).toMatch(/^[\x21-\x7e]{16,}$/);
    const answer = await answerOf(response);
    expect(answer.id).toBe('first');
    expect(answer.result?.protocolVersion).toBe(version);
    expect(answer.result?.serverInfo?.name).toBe('acme');
  });

  it('A client that asks for an unknown version gets a session of a version that is supported.', async () => {
    const world = await createWorld(setting);
    const response = await initialize(world, TOKENS.acme, { version: '1999-01-01' });
    expect(response.status).toBe(200);
    expect((await answerOf(response)).result?.protocolVersion).toBe('2025-11-25');
  });

  it('Each initialize opens a session with an id and a server of its own.', async () => {
    const world = await createWorld(setting);
    const ids = new Set<string>();
    for (let count = 0; count < 5; count += 1) ids.add((await openSession(world, TOKENS.acme)).id);
    expect(ids.size).toBe(5);
    expect(world.acme.instances).toHaveLength(5);
    expect(world.events('sessionCreated').map((event) => event.sessionId)).toEqual([...ids]);
    expect(world.tessera.getStats().activeSessions).toBe(5);
  });

  it('An initialize inside a live session is refused, and the session goes on.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await initialize(world, TOKENS.acme, { session: session.id });
    expect(response.status).toBe(400);
    expect((await answerOf(response)).error?.code).toBe(-32600);
    expect(textOf(await answerOf(await session.call(1, 'echo', 'still here')))).toBe('still here');
    expect(world.tessera.getStats().activeSessions).toBe(1);
  });

  it('An initialize with the id of an ended session opens a fresh one.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await session.end();
    const response = await initialize(world, TOKENS.acme, { session: session.id });
    expect(response.status).toBe(200);
    expect(response.headers.get('mcp-session-id')).toBeTruthy();
    expect(response.headers.get('mcp-session-id')).not.toBe(session.id);
    expect((await session.call(1, 'echo')).status).toBe(404);
  });

  it.each(['sibling', 'globex'] as const)(
    "An initialize of the %s token with another one's session id opens a fresh session.",
    async (name) => {
      const world = await createWorld(setting);
      const session = await openSession(world, TOKENS.acme);
      const response = await initialize(world, TOKENS[name], { session: session.id });
      expect(response.status).toBe(200);
      expect(response.headers.get('mcp-session-id')).toBeTruthy();
      expect(response.headers.get('mcp-session-id')).not.toBe(session.id);
      expect(textOf(await answerOf(await session.call(1, 'echo', 'mine')))).toBe('mine');
    },
  );

  it('Sessions of two tenants reach the servers of their own tenant.', async () => {
    const world = await createWorld(setting);
    const ofAcme = await openSession(world, TOKENS.acme);
    const ofGlobex = await openSession(world, TOKENS.globex);
    expect(textOf(await answerOf(await ofAcme.call(1, 'whoami')))).toBe('acme');
    expect(textOf(await answerOf(await ofGlobex.call(1, 'whoami')))).toBe('globex');
  });
});
