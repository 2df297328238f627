import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../session-era/helpers/cleanup.js';
import { request, VERSIONS } from '../session-era/helpers/messages.js';
import { openSession, post } from '../session-era/helpers/session.js';
import { answerOf } from '../session-era/helpers/streams.js';
import { createWorld, HOSTS, TOKENS } from '../session-era/helpers/world.js';

afterEach(closeEverything);

const envelope = (version: unknown): object => ({
  _meta: { 'io.modelcontextprotocol/protocolVersion': version },
});

describe.each(HOSTS)('The protocol version in the envelope of a message ($name)', (setting) => {
  it.each(VERSIONS)('A request that names %s there is answered in its session.', async (version) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version });
    const response = await session.post(request(1, 'ping', envelope(version)));
    expect(response.status).toBe(200);
    expect(await answerOf(response)).toMatchObject({ id: 1, result: {} });
  });

  it('An initialize that names 2025-11-25 there opens a session.', async () => {
    const world = await createWorld(setting);
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'test client', version: '1.0.0' },
      ...envelope('2025-11-25'),
    };
    const response = await post(world, request(0, 'initialize', params), { token: TOKENS.acme });
    expect(response.status).toBe(200);
    expect(response.headers.get('mcp-session-id')).not.toBeNull();
  });

  it('A request that names a revision of the stateless era there is refused as one of it.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.post(request(1, 'ping', envelope('2026-07-28')));
    expect(response.status).toBe(400);
    const { error } = await answerOf(response);
    expect(error).toMatchObject({ code: -32022, data: { requested: '2026-07-28' } });
  });
});
