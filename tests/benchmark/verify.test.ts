import { describe, expect, test } from 'vitest';
import type { Answer } from '../../benchmarks/src/load/connection.js';
import { WrongAnswer, isEcho, resultOf } from '../../benchmarks/src/load/verify.js';

function answer(body: string, status = 200): Answer {
  return { status, body, header: () => undefined };
}

describe('The answer to a request', () => {
  test('is the JSON with its id, or the last message of a stream of events.', () => {
    const message = '{"jsonrpc":"2.0","id":7,"result":{"tools":[]}}';
    expect(resultOf(answer(message), 7)).toEqual({ tools: [] });
    const stream = `: hello\n\nevent: message\ndata: {"method":"x"}\n\nevent: message\ndata: ${message}\n\n`;
    expect(resultOf(answer(stream), 7)).toEqual({ tools: [] });
  });

  test.each([
    ['another id', answer('{"id":8,"result":{}}')],
    ['an error', answer('{"id":7,"error":{"code":1}}')],
    ['another status', answer('{"id":7,"result":{}}', 429)],
    ['a stream without a message', answer(': hello\n\n')],
  ])('is wrong with %s.', (_, wrong) => {
    expect(() => resultOf(wrong, 7)).toThrow(WrongAnswer);
  });
});

describe('An echo', () => {
  const said = (text: string): Parameters<typeof isEcho>[0] => ({ content: [{ text }] });

  test('is the same text, or a large one that begins with it.', () => {
    expect(isEcho(said('one says 1'), 'one says 1')).toBe(true);
    expect(isEcho(said('one says 1 '.padEnd(262_144)), 'one says 1')).toBe(true);
  });

  test('is neither another text nor a large one of another length.', () => {
    expect(isEcho(said('one says 2'), 'one says 1')).toBe(false);
    expect(isEcho(said('one says 11'.padEnd(262_144)), 'one says 1')).toBe(false);
    expect(isEcho(said('one says 1 '.padEnd(262_143)), 'one says 1')).toBe(false);
    expect(isEcho({}, 'one says 1')).toBe(false);
  });
});
