import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import {
  initializeMessage,
  notification,
  request,
  textOf,
  toolCall,
  VERSIONS,
  type Message,
} from './helpers/messages.js';
import { openSession, post } from './helpers/session.js';
import { answerOf, mediaType, messagesOf } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const BATCHING = '2025-03-26';
const OTHERS = VERSIONS.filter((version) => version !== BATCHING);

const pings = (count: number): object[] =>
  Array.from({ length: count }, (_, index) => request(index, 'ping'));

describe.each(SETTINGS)('Batches ($name)', (setting) => {
  it.each(OTHERS)('A session of %s refuses them.', async (version) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version });
    for (const batch of [pings(1), pings(2), [notification('notifications/initialized')]]) {
      const response = await session.post(batch);
      expect(response.status).toBe(400);
      expect(await answerOf(response)).toMatchObject({ id: null, error: { code: -32600 } });
    }
  });

  it('A caller without a session is refused.', async () => {
    const world = await createWorld(setting);
    const response = await post(world, pings(2), { token: TOKENS.acme });
    expect(response.status).toBe(400);
    expect([-32600, -32000]).toContain((await answerOf(response)).error?.code);
  });

  it.each(VERSIONS)('An empty one is refused in a session of %s.', async (version) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version });
    const response = await session.post([]);
    expect(response.status).toBe(400);
    expect([-32600, -32700]).toContain((await answerOf(response)).error?.code);
  });

  it('A session of 2025-03-26 gets an array with one answer for each request.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version: BATCHING });
    const response = await session.post([
      toolCall('one', 'echo', 'first'),
      notification('notifications/roots/list_changed'),
      toolCall(2, 'echo', 'second'),
      { jsonrpc: '2.0', id: 99, result: {} },
      request(3, 'no/such/method'),
    ]);
    expect(response.status).toBe(200);
    expect(mediaType(response)).toBe('application/json');
    const answers = (await response.json()) as Message[];
    expect(Array.isArray(answers)).toBe(true);
    expect(answers).toHaveLength(3);
    const byId = new Map(answers.map((answer) => [answer.id, answer]));
    expect(textOf(byId.get('one') as Message)).toBe('first');
    expect(textOf(byId.get(2) as Message)).toBe('second');
    expect(byId.get(3)?.error?.code).toBe(-32601);
  });

  it('A batch of one request is answered with an array of one.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version: BATCHING });
    const answers: unknown = await (await session.post([toolCall(1, 'echo', 'alone')])).json();
    expect(answers).toMatchObject([{ id: 1, result: { content: [{ text: 'alone' }] } }]);
  });

  it('Two requests of a batch with the same id are both answered.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version: BATCHING });
    const answers = await messagesOf(
      await session.post([toolCall(1, 'echo', 'a'), toolCall(1, 'echo', 'b')]),
    );
    expect(answers.map((answer) => answer.id)).toEqual([1, 1]);
    expect(answers.map(textOf).sort()).toEqual(['a', 'b']);
  });

  it('A batch of notifications and responses only is accepted with 202.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version: BATCHING });
    const response = await session.post([
      notification('notifications/roots/list_changed'),
      notification('notifications/initialized'),
      { jsonrpc: '2.0', id: 99, result: {} },
    ]);
    expect(response.status).toBe(202);
    expect(await response.text()).toBe('');
  });

  it('Twenty messages are served, and one more is refused.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version: BATCHING });
    const served = await session.post(pings(20));
    expect(served.status).toBe(200);
    expect(await messagesOf(served)).toHaveLength(20);
    const refused = await session.post(pings(21));
    expect(refused.status).toBe(400);
    expect((await answerOf(refused)).error?.code).toBe(-32600);
  });

  it('An initialize in a batch is refused, with and without a session.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version: BATCHING });
    const batch = [initializeMessage({ version: BATCHING, id: 1 }), request(2, 'ping')];
    for (const response of [
      await session.post(batch),
      await post(world, batch, { token: TOKENS.acme }),
      await post(world, [initializeMessage({ version: BATCHING })], { token: TOKENS.acme }),
    ]) {
      expect(response.status).toBe(400);
      expect(response.headers.get('mcp-session-id')).toBeNull();
      expect((await answerOf(response)).error?.code).toBe(-32600);
    }
    expect(world.tessera.getStats().activeSessions).toBe(1);
  });

  it('A message of a batch that is no JSON-RPC makes the whole batch refused.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version: BATCHING });
    const response = await session.post([
      toolCall(1, 'hold', 'never'),
      { jsonrpc: '2.0', id: 1.5, method: 'ping' },
    ]);
    expect(response.status).toBe(400);
    expect((await answerOf(response)).error?.code).toBe(-32700);
    expect(world.acme.held).toHaveLength(0);
  });

  it('A batch whose calls report progress ends its stream with every answer.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version: BATCHING });
    const response = await session.post([toolCall(1, 'steps', 'a', 'token'), toolCall(2, 'echo', 'b')]);
    expect(mediaType(response)).toBe('text/event-stream');
    const messages = await messagesOf(response);
    expect(messages.filter((message) => message.method === 'notifications/progress')).toHaveLength(2);
    const answers = messages.filter((message) => message.id !== undefined);
    expect(answers.map((answer) => answer.id).sort()).toEqual([1, 2]);
  });
});
