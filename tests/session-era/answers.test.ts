import { afterEach, describe, expect, it, vi } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { request, textOf, toolCall } from './helpers/messages.js';
import { openSession } from './helpers/session.js';
import { answerOf, EventReader, mediaType, messagesOf } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

describe.each(SETTINGS)('How a call is answered ($name)', (setting) => {
  it('A result that is ready at once is one JSON body.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.call(1, 'echo', 'hello');
    expect(response.status).toBe(200);
    expect(mediaType(response)).toBe('application/json');
    expect(response.headers.get('mcp-session-id')).toBe(session.id);
    expect(response.headers.get('cache-control')).toContain('no-store');
    expect(await response.json()).toMatchObject({
      jsonrpc: '2.0',
      id: 1,
      result: { content: [{ text: 'hello' }] },
    });
  });

  it('A result that takes a while, but not too long, is one JSON body.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const waiting = session.call(1, 'hold', 'soon');
    (await world.acme.untilHeld('soon')).release();
    expect(mediaType(await waiting)).toBe('application/json');
  });

  it('Text of every kind arrives unharmed.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const text = 'line\nline\r\n\u2028\u2029 "quoted" \\ é 漢字 🦉 \u0000 data: x\n\nevent: y';
    expect(textOf(await answerOf(await session.call(1, 'echo', text)))).toBe(text);
    const streamed = await messagesOf(await session.post(toolCall(2, 'steps', text, 'token')));
    expect(textOf(streamed.at(-1) ?? { jsonrpc: '2.0' })).toBe(text);
  });

  it('An error is answered with 200 and the JSON-RPC error of the server.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.post(request(3, 'no/such/method'));
    expect(response.status).toBe(200);
    expect(mediaType(response)).toBe('application/json');
    expect(await answerOf(response)).toMatchObject({ id: 3, error: { code: -32601 } });
  });

  it('A call that reports progress is an event stream that ends with the result.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.post(toolCall(1, 'steps', 'done', 'token'));
    expect(response.status).toBe(200);
    expect(mediaType(response)).toBe('text/event-stream');
    expect(response.headers.get('mcp-session-id')).toBe(session.id);
    expect(response.headers.get('cache-control')).toContain('no-store');
    const messages = await messagesOf(response);
    expect(messages).toHaveLength(3);
    expect(messages[0]).toMatchObject({
      method: 'notifications/progress',
      params: { progressToken: 'token', progress: 1 },
    });
    expect(messages[1]).toMatchObject({
      method: 'notifications/progress',
      params: { progressToken: 'token', progress: 2 },
    });
    expect(messages[2]).toMatchObject({ id: 1, result: { content: [{ text: 'done' }] } });
  });

  it('Progress arrives while the call still runs.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const stream = new EventReader(await session.post(toolCall(1, 'holdWithProgress', 'work', 5)));
    const progress = await stream.untilMethod('notifications/progress');
    expect(progress.params?.progressToken).toBe(5);
    expect(stream.ended).toBe(false);
    (await world.acme.untilHeld('work')).release();
    await stream.untilEnd();
    expect(stream.messages).toHaveLength(2);
  });

  it('A call that logs is an event stream that ends with the result.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.call(1, 'warn', 'careful');
    expect(mediaType(response)).toBe('text/event-stream');
    const messages = await messagesOf(response);
    expect(messages).toHaveLength(2);
    expect(messages[0]).toMatchObject({
      method: 'notifications/message',
      params: { level: 'warning', data: 'careful' },
    });
    expect(textOf(messages[1] ?? { jsonrpc: '2.0' })).toBe('careful');
  });

  it('What belongs to a call does not go to the GET stream or to another call.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const standing = await session.listen();
    const waiting = session.call(1, 'hold', 'quiet');
    const quiet = await world.acme.untilHeld('quiet');
    expect(await messagesOf(await session.post(toolCall(2, 'steps', 'loud', 'token')))).toHaveLength(3);
    expect(await messagesOf(await session.call(3, 'warn', 'loud'))).toHaveLength(2);
    quiet.release();
    const response = await waiting;
    expect(mediaType(response)).toBe('application/json');
    expect(await messagesOf(response)).toHaveLength(1);
    expect(standing.messages).toHaveLength(0);
  });

  it('A call that is slower than allowed becomes an event stream.', async () => {
    const world = await createWorld(setting, { sessions: { upgradeAfterMs: 40 } });
    const session = await openSession(world, TOKENS.acme);
    const response = await session.call('slow', 'hold', 'late');
    expect(response.status).toBe(200);
    expect(mediaType(response)).toBe('text/event-stream');
    expect(response.headers.get('mcp-session-id')).toBe(session.id);
    expect(world.acme.finished).toHaveLength(0);
    (await world.acme.untilHeld('late')).release();
    const messages = await messagesOf(response);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ id: 'slow', result: { content: [{ text: 'late' }] } });
  });

  it('Quiet streams are kept alive with comments.', async () => {
    const world = await createWorld(setting, { sessions: { keepAliveMs: 30, upgradeAfterMs: 30 } });
    const session = await openSession(world, TOKENS.acme);
    const standing = await session.listen();
    const call = new EventReader(await session.call(1, 'hold', 'quiet'));
    for (const stream of [standing, call]) {
      await vi.waitFor(
        () => {
          expect(stream.comments).toBeGreaterThanOrEqual(2);
        },
        { timeout: 8000, interval: 10 },
      );
      expect(stream.ended).toBe(false);
      expect(stream.messages).toHaveLength(0);
    }
    (await world.acme.untilHeld('quiet')).release();
    await call.untilEnd();
    expect(call.messages).toHaveLength(1);
  });

  it('No answer may be stored, whatever it is.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const answers = [
      await session.post(request(1, 'tools/list')),
      await session.post(request(1, 'no/such/method')),
      await session.post('no json'),
      await session.call(1, 'echo', '', { session: 'unknown' }),
      await session.call(1, 'echo', '', { token: 'unknown' }),
    ];
    for (const answer of answers) {
      expect(answer.headers.get('cache-control')).toContain('no-store');
      await answer.body?.cancel();
    }
  });

  it('A call that has been answered leaves nothing behind.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await messagesOf(await session.post(toolCall(1, 'steps', 'a', 'token')));
    await messagesOf(await session.call(2, 'echo', 'b'));
    expect(world.tessera.getStats().callsInFlight).toBe(0);
    expect(world.events('toolCalled')).toHaveLength(2);
    expect(world.events('toolCalled')[1]).toMatchObject({
      tenantId: 'acme',
      sessionId: session.id,
      toolName: 'echo',
      success: true,
    });
  });
});
