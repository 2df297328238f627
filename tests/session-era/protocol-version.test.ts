import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { initializeMessage, request, textOf, VERSIONS, type Message } from './helpers/messages.js';
import { openSession, post } from './helpers/session.js';
import { answerOf } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const STATELESS = '2026-07-28';
const envelope = (version: string): object => ({
  _meta: {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': {},
  },
});

async function expectOtherEra(
  response: Response,
  { id, requested = STATELESS }: { id: string | number; requested?: string },
): Promise<void> {
  expect(response.status).toBe(400);
  const answer = await answerOf(response);
  expect(answer.id).toBe(id);
  expect(answer.error?.code).toBe(-32022);
  expect(answer.error?.data?.requested).toBe(requested);
  expect([...(answer.error?.data?.supported ?? [])].sort()).toEqual([...VERSIONS].sort());
}

/** Where no other era is served, requests of it are told so. */
const SESSIONS_ONLY = { eras: ['session'] } as const;

describe.each(SETTINGS)('The MCP-Protocol-Version of a request ($name)', (setting) => {
  it.each(VERSIONS)('The version that the session has, %s, is served.', async (version) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version });
    expect(textOf(await answerOf(await session.call(1, 'echo', version)))).toBe(version);
  });

  it('A request that names no version is served.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await post(world, request(1, 'ping'), { token: TOKENS.acme, session: session.id });
    expect(await answerOf(response)).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
  });

  it.each(['1999-01-01', 'latest', '2025-11-25x', '2025-11-25, 2025-06-18', 'DRAFT-2026-v1'])(
    'The version %s is refused with the list of those that are supported.',
    async (version) => {
      const world = await createWorld(setting);
      const session = await openSession(world, TOKENS.acme);
      for (const response of [
        await session.post(request(1, 'ping'), { version }),
        await session.get({ version }),
        await session.end({ version }),
      ]) {
        expect(response.status).toBe(400);
        const text = await response.text();
        expect((JSON.parse(text) as Message).error?.code).toBe(-32000);
        for (const supported of VERSIONS) expect(text).toContain(supported);
      }
      expect((await session.post(request(2, 'ping'))).status).toBe(200);
    },
  );

  it.each([7, 'seven', 0])(
    'A request of the stateless era with id %j is told what is supported.',
    async (id) => {
      const world = await createWorld(setting, SESSIONS_ONLY);
      const caller = { token: TOKENS.acme, version: STATELESS };
      await expectOtherEra(await post(world, request(id, 'server/discover', envelope(STATELESS)), caller), {
        id,
      });
      await expectOtherEra(await post(world, request(id, 'tools/list'), caller), { id });
    },
  );

  it('A request whose envelope alone asks for the stateless era is told the same.', async () => {
    const world = await createWorld(setting, SESSIONS_ONLY);
    const message = request('probe', 'server/discover', envelope(STATELESS));
    await expectOtherEra(await post(world, message, { token: TOKENS.acme }), { id: 'probe' });
  });

  it('A request whose envelope names a later version is told the same about that version.', async () => {
    const world = await createWorld(setting, SESSIONS_ONLY);
    const message = request(1, 'tools/list', envelope('2027-01-01'));
    const response = await post(world, message, { token: TOKENS.acme });
    await expectOtherEra(response, { id: 1, requested: '2027-01-01' });
  });

  it('A request of the stateless era within a session is told the same, and the session goes on.', async () => {
    const world = await createWorld(setting, SESSIONS_ONLY);
    const session = await openSession(world, TOKENS.acme);
    await expectOtherEra(await session.post(request(1, 'tools/list'), { version: STATELESS }), { id: 1 });
    await expectOtherEra(await session.post(request('x', 'tools/list', envelope(STATELESS))), { id: 'x' });
    expect((await session.post(request(2, 'ping'))).status).toBe(200);
  });

  it('A request of the stateless era without a token is refused with 401 first.', async () => {
    const world = await createWorld(setting);
    const response = await post(world, request(1, 'server/discover', envelope(STATELESS)), {
      version: STATELESS,
    });
    expect(response.status).toBe(401);
  });

  it('An initialize that asks for the stateless version gets a session of the newest session version.', async () => {
    const world = await createWorld(setting);
    const response = await post(world, initializeMessage({ version: STATELESS }), { token: TOKENS.acme });
    expect(response.status).toBe(200);
    expect((await answerOf(response)).result?.protocolVersion).toBe('2025-11-25');
  });
});
