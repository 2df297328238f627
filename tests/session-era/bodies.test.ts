import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { request, textOf, toolCall } from './helpers/messages.js';
import { headersOf, openSession, type TestSession } from './helpers/session.js';
import { answerOf } from './helpers/streams.js';
import { createWorld, HOSTS, IN_PROCESS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const MEBIBYTE = 1_048_576;

/** A call whose JSON text is exactly this long. */
function padded(bytes: number): string {
  const empty = JSON.stringify(toolCall(1, 'echo', ''));
  return JSON.stringify(toolCall(1, 'echo', 'x'.repeat(bytes - empty.length)));
}

/** The text in pieces, so that its length is not announced. */
function pieces(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const step = 65_536;
  let sent = 0;
  return new ReadableStream(
    {
      pull: (controller) => {
        controller.enqueue(bytes.subarray(sent, sent + step));
        sent += step;
        if (sent >= bytes.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

const send = (session: TestSession, body: RequestInit['body'], extra = {}): Promise<Response> =>
  session.world.send({ body, headers: headersOf({ ...session.caller, headers: extra }) });

describe.each(HOSTS)('The size of a body ($name)', (setting) => {
  it('A body of exactly 1 MiB is served, announced or in pieces.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const body = padded(MEBIBYTE);
    expect((await send(session, body)).status).toBe(200);
    expect((await send(session, pieces(body))).status).toBe(200);
  });

  it('A body of one byte more, announced, is refused with 413.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await send(session, padded(MEBIBYTE + 1), {
      ...(setting.socket ? {} : { 'content-length': String(MEBIBYTE + 1) }),
    });
    expect(response.status).toBe(413);
    expect(await answerOf(response)).toMatchObject({ id: null, error: { code: -32000 } });
  });

  it('A body of one byte more, in pieces, is refused with 413.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await send(session, pieces(padded(MEBIBYTE + 1)));
    expect(response.status).toBe(413);
    expect(await answerOf(response)).toMatchObject({ id: null, error: { code: -32000 } });
  });

  it('The limit can be changed, and the session goes on after a refusal.', async () => {
    const world = await createWorld(setting, { limits: { bodyBytes: 500 } });
    const session = await openSession(world, TOKENS.acme);
    expect((await send(session, padded(501))).status).toBe(413);
    expect((await send(session, pieces(padded(501)))).status).toBe(413);
    expect((await send(session, padded(500))).status).toBe(200);
  });

  it('Bytes are counted, not characters.', async () => {
    const world = await createWorld(setting, { limits: { bodyBytes: 600 } });
    const session = await openSession(world, TOKENS.acme);
    const body = JSON.stringify(toolCall(1, 'echo', 'é'.repeat(300)));
    expect(body.length).toBeLessThan(600);
    expect((await send(session, body)).status).toBe(413);
    expect((await send(session, pieces(body))).status).toBe(413);
  });

  it('Text that is cut in the middle of a character arrives whole.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const text = 'a€'.repeat(60_000);
    const response = await send(session, pieces(JSON.stringify(toolCall(1, 'echo', text))));
    expect(textOf(await answerOf(response))).toBe(text);
  });
});

describe('Bodies that only a caller in the same process can send', () => {
  it('An announced length over the limit is refused without reading the body.', async () => {
    const world = await createWorld(IN_PROCESS, { limits: { bodyBytes: 500 } });
    const session = await openSession(world, TOKENS.acme);
    let read = false;
    const body = new ReadableStream(
      {
        pull: () => {
          read = true;
          throw new Error('The body was read.');
        },
      },
      { highWaterMark: 0 },
    );
    const response = await send(session, body, { 'content-length': '501' });
    expect(response.status).toBe(413);
    expect(read).toBe(false);
  });

  it('An announced length that is too small does not get around the limit.', async () => {
    const world = await createWorld(IN_PROCESS, { limits: { bodyBytes: 500 } });
    const session = await openSession(world, TOKENS.acme);
    expect((await send(session, padded(2000), { 'content-length': '10' })).status).toBe(413);
    expect((await send(session, pieces(padded(2000)), { 'content-length': '10' })).status).toBe(413);
  });

  it('A body that never ends is refused as soon as it is over the limit.', async () => {
    const world = await createWorld(IN_PROCESS, { limits: { bodyBytes: 500 } });
    const session = await openSession(world, TOKENS.acme);
    const chunk = new Uint8Array(100).fill(32);
    const body = new ReadableStream({
      pull: (controller) => {
        controller.enqueue(chunk);
      },
    });
    expect((await send(session, body)).status).toBe(413);
  });

  it('A body that was parsed already is used as it is.', async () => {
    const world = await createWorld(IN_PROCESS);
    const session = await openSession(world, TOKENS.acme);
    const headers = headersOf(session.caller);
    const empty = new Request('http://localhost/mcp', { method: 'POST', headers });
    const parsedBody = toolCall(5, 'echo', 'parsed');
    const answer = await answerOf(await world.tessera.fetch(empty, { parsedBody }));
    expect(answer.id).toBe(5);
    expect(textOf(answer)).toBe('parsed');

    const body = JSON.stringify(toolCall(6, 'echo', 'unparsed'));
    const other = new Request('http://localhost/mcp', { method: 'POST', headers, body });
    expect(textOf(await answerOf(await world.tessera.fetch(other, { parsedBody })))).toBe('parsed');
  });

  it('A parsed body serves even where the body was consumed.', async () => {
    const world = await createWorld(IN_PROCESS);
    const session = await openSession(world, TOKENS.acme);
    const body = JSON.stringify(toolCall(6, 'echo', 'once'));
    const consumed = new Request('http://localhost/mcp', {
      method: 'POST',
      headers: headersOf(session.caller),
      body,
    });
    const parsedBody: unknown = await consumed.json();
    expect(textOf(await answerOf(await world.tessera.fetch(consumed, { parsedBody })))).toBe('once');
  });

  it('A parsed body that is no message is refused with 400.', async () => {
    const world = await createWorld(IN_PROCESS);
    const session = await openSession(world, TOKENS.acme);
    for (const parsedBody of [null, 'text', {}, { ...request(1, 'ping'), id: null }]) {
      const empty = new Request('http://localhost/mcp', {
        method: 'POST',
        headers: headersOf(session.caller),
      });
      const response = await world.tessera.fetch(empty, { parsedBody });
      expect(response.status).toBe(400);
      expect((await answerOf(response)).error?.code).toBe(-32700);
    }
  });

  it('A body that was consumed before is an error that says so.', async () => {
    const world = await createWorld(IN_PROCESS);
    const session = await openSession(world, TOKENS.acme);
    const consumed = new Request('http://localhost/mcp', {
      method: 'POST',
      headers: headersOf(session.caller),
      body: JSON.stringify(toolCall(6, 'echo', 'once')),
    });
    await consumed.text();
    const response = await world.tessera.fetch(consumed);
    expect(response.status).toBe(500);
    expect((await answerOf(response)).error?.data?.code).toBe('body_already_read');
  });
});
