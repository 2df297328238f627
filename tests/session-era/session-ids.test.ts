import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { notification, request, textOf, toolCall } from './helpers/messages.js';
import {
  bare,
  headersOf,
  openSession,
  post,
  type CallerOptions,
  type TestSession,
} from './helpers/session.js';
import { answerOf, EventReader } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

const METHODS = ['POST', 'GET', 'DELETE'] as const;
type Method = (typeof METHODS)[number];

const attempt = (world: World, method: Method, caller: CallerOptions): Promise<Response> =>
  method === 'POST' ? post(world, request(7, 'tools/list'), caller) : bare(world, method, caller);

/** All that a caller can see of an answer, but for the time. */
async function bytesOf(response: Response): Promise<object> {
  const headers = [...response.headers].filter(([name]) => name !== 'date');
  return { status: response.status, statusText: response.statusText, headers, body: await response.text() };
}

describe.each(SETTINGS)('Session ids ($name)', (setting) => {
  it.each(METHODS)('A %s without a session id is refused with 400.', async (method) => {
    const world = await createWorld(setting);
    const response = await attempt(world, method, { token: TOKENS.acme });
    expect(response.status).toBe(400);
    expect(await answerOf(response)).toMatchObject({ jsonrpc: '2.0', error: { code: -32000 } });
    expect(world.events('sessionRefused')).toHaveLength(0);
  });

  it('A notification or a response without a session id is refused with 400.', async () => {
    const world = await createWorld(setting);
    for (const message of [
      notification('notifications/initialized'),
      { jsonrpc: '2.0', id: 1, result: {} },
    ]) {
      const response = await post(world, message, { token: TOKENS.acme });
      expect(response.status).toBe(400);
      expect((await answerOf(response)).error?.code).toBe(-32000);
    }
  });

  it.each(METHODS)(
    'A %s with an unknown, an ended, a sibling token’s and another tenant’s session id gets the same bytes.',
    async (method) => {
      const world = await createWorld(setting);
      const ended = await openSession(world, TOKENS.acme);
      await ended.end();
      const ofSibling = await openSession(world, TOKENS.sibling);
      const ofGlobex = await openSession(world, TOKENS.globex);
      const unknown = ended.id.replace(/[a-z0-9]/gi, 'a');
      const answers = [];
      for (const session of [unknown, ended.id, ofSibling.id, ofGlobex.id]) {
        answers.push(await bytesOf(await attempt(world, method, { token: TOKENS.acme, session })));
      }
      expect(answers[0]).toMatchObject({ status: 404 });
      expect(JSON.parse((answers[0] as { body: string }).body)).toMatchObject({
        jsonrpc: '2.0',
        error: { code: -32001 },
      });
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(world.events('sessionRefused')).toHaveLength(4);
    },
  );

  it.each(METHODS)('A refused %s is told once, about the caller and not the owner.', async (method) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await attempt(world, method, { token: TOKENS.globex, session: session.id });
    const refusals = world.events('sessionRefused');
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toMatchObject({ tenantId: 'globex', method });
    expect(refusals[0]?.fingerprint).toMatch(/^[0-9a-f]{12}$/);
    expect(refusals[0]?.fingerprint).not.toBe(world.events('sessionCreated')[0]?.fingerprint);
    expect(JSON.stringify(refusals)).not.toContain(session.id);
  });

  it.each(['x', 'x'.repeat(4000), '../../etc/passwd', '__proto__', 'constructor', "' OR 1=1 --"])(
    'The session id %j is unknown.',
    async (session) => {
      const world = await createWorld(setting);
      const response = await attempt(world, 'POST', { token: TOKENS.acme, session });
      expect(response.status).toBe(404);
      expect((await answerOf(response)).error?.code).toBe(-32001);
    },
  );

  it('The protocol version header of a foreign caller does not tell whether the session exists.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const answers = [];
    for (const id of [session.id, 'unknown']) {
      const caller = { token: TOKENS.globex, session: id, version: '1999-01-01' };
      answers.push(await bytesOf(await attempt(world, 'POST', caller)));
    }
    expect(answers[1]).toEqual(answers[0]);
  });

  it('A batch of a foreign caller does not tell which version the session has.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { version: '2025-03-26' });
    const batch = [request(1, 'ping')];
    const foreign = await post(world, batch, { token: TOKENS.globex, session: session.id });
    const unknown = await post(world, batch, { token: TOKENS.globex, session: 'unknown' });
    expect(await bytesOf(foreign)).toEqual(await bytesOf(unknown));
  });
});

describe.each(SETTINGS)('The owner of a session that others try to use ($name)', (setting) => {
  const foreign = (world: World, session: TestSession, method: Method): Promise<Response> =>
    attempt(world, method, { token: TOKENS.globex, session: session.id });

  it('A foreign DELETE does not end it.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await foreign(world, session, 'DELETE');
    expect(world.events('sessionEnded')).toHaveLength(0);
    expect(textOf(await answerOf(await session.call(1, 'echo', 'alive')))).toBe('alive');
  });

  it('A foreign GET does not take its messages.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = await session.listen();
    await foreign(world, session, 'GET');
    world.acme.newest().grow('new');
    await stream.untilMethod('notifications/tools/list_changed');
    expect(stream.ended).toBe(false);
  });

  it('A foreign cancellation does not reach its call.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const answer = session.call(1, 'hold', 'work');
    const call = await world.acme.untilHeld('work');
    const cancel = notification('notifications/cancelled', { requestId: 1 });
    const refused = await post(world, cancel, { token: TOKENS.sibling, session: session.id });
    expect(refused.status).toBe(404);
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await answer))).toBe('work');
  });

  it('A foreign answer does not reach its question.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, { capabilities: { elicitation: {} } });
    const stream = new EventReader(await session.call(1, 'ask', 'name?'));
    const question = await stream.untilMethod('elicitation/create');
    const say = (token: string, name: string): Promise<Response> =>
      post(
        world,
        { jsonrpc: '2.0', id: question.id, result: { action: 'accept', content: { name } } },
        { token, session: session.id },
      );
    expect((await say(TOKENS.globex, 'foreign')).status).toBe(404);
    expect((await say(TOKENS.acme, 'own')).status).toBe(202);
    expect(textOf(await stream.untilAnswer(1))).toContain('own');
  });

  it('Another session of the same token does not see its calls.', async () => {
    const world = await createWorld(setting);
    const first = await openSession(world, TOKENS.acme);
    const second = await openSession(world, TOKENS.acme);
    const answer = first.call(1, 'hold', 'mine');
    const call = await world.acme.untilHeld('mine');
    const cancel = notification('notifications/cancelled', { requestId: 1 });
    expect((await second.post(cancel)).status).toBe(202);
    await second.post(toolCall(1, 'echo'));
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await answer))).toBe('mine');
  });

  it('A session id in the query or as a token opens nothing.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await world.send({
      path: `/mcp?sessionId=${encodeURIComponent(session.id)}&mcp-session-id=${encodeURIComponent(session.id)}`,
      headers: headersOf({ token: TOKENS.acme }),
      body: JSON.stringify(request(1, 'ping')),
    });
    expect(response.status).toBe(400);
    expect((await post(world, request(1, 'ping'), { token: session.id, session: session.id })).status).toBe(
      401,
    );
  });
});
