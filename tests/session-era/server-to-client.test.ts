import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { textOf, type Message } from './helpers/messages.js';
import { openSession, type TestSession } from './helpers/session.js';
import { answerOf, EventReader, mediaType } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const CAPABLE = { capabilities: { elicitation: {}, sampling: {} } };
const ELICIT = 'elicitation/create';
const SAMPLE = 'sampling/createMessage';

const accept = (name: string): object => ({ result: { action: 'accept', content: { name } } });

const reply = (session: TestSession, question: Message, answer: object): Promise<Response> =>
  session.post({ jsonrpc: '2.0', id: question.id, ...answer });

async function ask(session: TestSession, id: number, tool: string, text: string): Promise<EventReader> {
  const response = await session.call(id, tool, text);
  expect(response.status).toBe(200);
  expect(mediaType(response)).toBe('text/event-stream');
  return new EventReader(response);
}

describe.each(SETTINGS)('Questions of a server to its client ($name)', (setting) => {
  it('An elicitation goes onto the stream of its call, and the answer reaches the handler.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, CAPABLE);
    const standing = await session.listen();
    const stream = await ask(session, 1, 'ask', 'Your name?');
    const question = await stream.untilMethod(ELICIT);
    expect(question.params?.message).toBe('Your name?');
    expect(['string', 'number']).toContain(typeof question.id);
    const response = await reply(session, question, accept('Ada'));
    expect(response.status).toBe(202);
    expect(await response.text()).toBe('');
    await stream.untilEnd();
    expect(stream.messages).toHaveLength(2);
    expect(JSON.parse(textOf(await stream.untilAnswer(1)) ?? '')).toMatchObject({
      action: 'accept',
      content: { name: 'Ada' },
    });
    expect(standing.messages).toHaveLength(0);
  });

  it('A sampling request goes onto the stream of its call, and the answer reaches the handler.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, CAPABLE);
    const stream = await ask(session, 1, 'sample', 'Say hello.');
    const question = await stream.untilMethod(SAMPLE);
    const result = { role: 'assistant', model: 'test', content: { type: 'text', text: 'Hello!' } };
    expect((await reply(session, question, { result })).status).toBe(202);
    expect(textOf(await stream.untilAnswer(1))).toContain('Hello!');
  });

  it('A question asked outside of the call reaches the waiting call when no GET is open.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, CAPABLE);
    const stream = await ask(session, 1, 'askAside', 'Aside?');
    const question = await stream.untilMethod(ELICIT);
    expect((await reply(session, question, accept('Aside'))).status).toBe(202);
    expect(textOf(await stream.untilAnswer(1))).toContain('Aside');
  });

  it('Questions of calls in flight have different ids, and each call gets its own answer.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, CAPABLE);
    const streams = [];
    for (const text of ['a', 'b', 'c']) streams.push(await ask(session, 1, 'ask', text));
    const questions: Message[] = [];
    for (const stream of streams) questions.push(await stream.untilMethod(ELICIT));
    expect(new Set(questions.map((question) => question.id)).size).toBe(3);
    for (const question of questions.toReversed()) {
      await reply(session, question, accept(`to ${question.params?.message ?? ''}`));
    }
    for (const [index, text] of ['a', 'b', 'c'].entries()) {
      expect(textOf((await streams[index]?.untilAnswer(1)) as Message)).toContain(`to ${text}`);
      expect(streams[index]?.count(ELICIT)).toBe(1);
    }
  });

  it('Questions of two sessions get the answers of their own clients.', async () => {
    const world = await createWorld(setting);
    const sessions = [
      await openSession(world, TOKENS.acme, CAPABLE),
      await openSession(world, TOKENS.acme, CAPABLE),
      await openSession(world, TOKENS.globex, CAPABLE),
    ];
    const streams: EventReader[] = [];
    for (const session of sessions) streams.push(await ask(session, 1, 'ask', 'Who?'));
    for (const [index, session] of sessions.entries()) {
      const question = await (streams[index] as EventReader).untilMethod(ELICIT);
      await reply(session, question, accept(`client ${String(index)}`));
    }
    for (const [index, stream] of streams.entries()) {
      expect(textOf(await stream.untilAnswer(1))).toContain(`client ${String(index)}`);
    }
  });

  it('An answer that is an error reaches the handler as one.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, CAPABLE);
    const stream = await ask(session, 1, 'ask', 'Please?');
    const question = await stream.untilMethod(ELICIT);
    const error = { code: -32603, message: 'The user has gone.' };
    expect((await reply(session, question, { error })).status).toBe(202);
    const answer = await stream.untilAnswer(1);
    expect(answer.result?.isError).toBe(true);
    expect(textOf(answer)).toContain('The user has gone.');
  });

  it('A second answer to the same question and an answer to none change nothing.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, CAPABLE);
    const stream = await ask(session, 1, 'ask', 'Once?');
    const question = await stream.untilMethod(ELICIT);
    expect((await reply(session, { jsonrpc: '2.0', id: 987_654 }, accept('none'))).status).toBe(202);
    expect((await reply(session, question, accept('first'))).status).toBe(202);
    expect((await reply(session, question, accept('second'))).status).toBe(202);
    expect(textOf(await stream.untilAnswer(1))).toContain('first');
    expect(textOf(await answerOf(await session.call(2, 'echo', 'fine')))).toBe('fine');
  });

  it('A call that is cancelled while its question is open ends without a result.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme, CAPABLE);
    const stream = await ask(session, 1, 'ask', 'Late?');
    const question = await stream.untilMethod(ELICIT);
    await session.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } });
    await stream.untilEnd();
    expect(stream.messages.some((message) => message.result !== undefined)).toBe(false);
    expect((await reply(session, question, accept('late'))).status).toBe(202);
    expect(textOf(await answerOf(await session.call(2, 'echo', 'fine')))).toBe('fine');
  });
});
