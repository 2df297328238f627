import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../session-era/helpers/cleanup.js';
import { request, VERSIONS } from '../session-era/helpers/messages.js';
import { openSession, post } from '../session-era/helpers/session.js';
import { answerOf } from '../session-era/helpers/streams.js';
import { createWorld, HOSTS, TOKENS } from '../session-era/helpers/world.js';

afterEach(closeEverything);

const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const envelope = (version: unknown, others: object = {}): object => ({
  _meta: { 'io.modelcontextprotocol/protocolVersion': version, ...others },
});

describe.each(HOSTS)('The protocol version in the envelope of a message ($name)', (setting) => {
  it.each(VERSIONS)('A request that names %s there is of the era that has envelopes.', async (version) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version });
    const half = await session.post(request(1, 'ping', envelope(version)));
    expect([half.status, (await answerOf(half)).error?.code]).toEqual([400, -32602]);
    const whole = await session.post(request(2, 'ping', envelope(version, { [CAPABILITIES]: {} })));
    expect(whole.status).toBe(400);
    const { error } = await answerOf(whole);
    expect(error).toMatchObject({
      code: -32022,
      data: { requested: version, supported: ['2026-07-28'] },
    });
    expect((await session.post(request(3, 'ping'))).status).toBe(200);
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

  it('A request that names a revision of the stateless era there is served as one of it.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const body = request(1, 'ping', envelope('2026-07-28', { [CAPABILITIES]: {} }));
    const response = await session.post(body, { version: '2026-07-28', headers: { 'mcp-method': 'ping' } });
    // That era has no ping.
    expect([response.status, (await answerOf(response)).error?.code]).toEqual([404, -32601]);
  });
});
