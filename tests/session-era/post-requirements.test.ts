import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { request, textOf, toolCall } from './helpers/messages.js';
import { openSession } from './helpers/session.js';
import { answerOf, mediaType } from './helpers/streams.js';
import { createWorld, SETTINGS, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

async function expectRefusal(response: Response, status: number, code: number): Promise<void> {
  expect(response.status).toBe(status);
  expect(mediaType(response)).toBe('application/json');
  expect(await answerOf(response)).toMatchObject({ jsonrpc: '2.0', id: null, error: { code } });
}

describe.each(SETTINGS)('What a POST must be like ($name)', (setting) => {
  it.each([
    'application/json',
    'text/event-stream',
    'text/html',
    'application/jsonx, text/event-stream',
    'application/json, text/event-streams',
    'text/plain; a="application/json, text/event-stream"',
    'application/json;q=0, text/event-stream',
    'application/*',
  ])('It is refused with 406 when it accepts only %s.', async (accept) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await expectRefusal(await session.call(1, 'echo', '', { headers: { accept } }), 406, -32000);
  });

  it.each([
    'application/json, text/event-stream',
    'text/event-stream,application/json',
    'application/json;q=0.9, text/event-stream;q=0.8',
    'Application/JSON, Text/Event-Stream',
    'text/html, application/json, text/event-stream; charset=utf-8',
    'application/*, text/*',
    '*/*',
  ])('It is served when it accepts %s.', async (accept) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.call(1, 'echo', 'hello', { headers: { accept } });
    expect(response.status).toBe(200);
    expect(textOf(await answerOf(response))).toBe('hello');
  });

  it.each([
    'application/jsonx',
    'text/plain',
    'text/json',
    'application/json-seq',
    'application/x-www-form-urlencoded',
    'text/plain; application/json',
    'multipart/form-data; boundary=application/json',
    'application/json/x',
  ])('It is refused with 415 when its body is called %s.', async (type) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.call(1, 'echo', '', { headers: { 'content-type': type } });
    await expectRefusal(response, 415, -32000);
  });

  it('It is refused with 415 when its body has no type.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await world.send({
      body: new TextEncoder().encode(JSON.stringify(toolCall(1, 'echo'))),
      headers: {
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${TOKENS.acme}`,
        'mcp-session-id': session.id,
      },
    });
    await expectRefusal(response, 415, -32000);
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'Application/JSON',
    'application/json ; foo=bar',
  ])('It is served when its body is called %s.', async (type) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.call(1, 'echo', 'hi', { headers: { 'content-type': type } });
    expect(response.status).toBe(200);
    expect(textOf(await answerOf(response))).toBe('hi');
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['half a message', '{"jsonrpc":"2.0","id":1,'],
    ['two messages after each other', '{"jsonrpc":"2.0","id":1,"method":"ping"}{}'],
    ['a string', '"ping"'],
    ['a number', '42'],
    ['null', 'null'],
    ['an empty object', '{}'],
    ['a message of JSON-RPC 1.0', '{"jsonrpc":"1.0","id":1,"method":"ping"}'],
    ['a message that names no JSON-RPC version', '{"id":1,"method":"ping"}'],
    ['a message with neither method nor result', '{"jsonrpc":"2.0","id":1}'],
    ['a method that is a number', '{"jsonrpc":"2.0","id":1,"method":5}'],
    ['a null id', '{"jsonrpc":"2.0","id":null,"method":"ping"}'],
    ['a fractional id', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}'],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"ping"}'],
    ['an id that is a boolean', '{"jsonrpc":"2.0","id":true,"method":"ping"}'],
    ['params that are an array', '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}'],
    ['params that are a string', '{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}'],
    ['params that are null', '{"jsonrpc":"2.0","id":1,"method":"ping","params":null}'],
    ['an id past the safe integers', '{"jsonrpc":"2.0","id":9007199254740992,"method":"ping"}'],
    [
      'a progress token that is an object',
      '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"progressToken":{}}}}',
    ],
    ['an error without a code', '{"jsonrpc":"2.0","id":1,"error":{"message":"x"}}'],
  ])('It is refused with 400 and -32700 when its body is %s.', async (_what, body) => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    await expectRefusal(await session.post(body), 400, -32700);
    expect((await session.post(request(2, 'ping'))).status).toBe(200);
  });

  it('Keys that JSON-RPC does not know do no harm.', async () => {
    const world = await createWorld(setting);
    const session = await openSession(world, TOKENS.acme);
    const response = await session.post({ ...toolCall(1, 'echo', 'fine'), extra: true, result2: null });
    expect([200, 400]).toContain(response.status);
    const proto = '{"jsonrpc":"2.0","id":2,"method":"ping","params":{"__proto__":{"polluted":true}}}';
    expect((await session.post(proto)).status).toBe(200);
    expect({}).not.toHaveProperty('polluted');
  });
});
