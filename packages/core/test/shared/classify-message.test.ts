import fc from 'fast-check';
import { JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js';
import { isJSONRPCNotification, isJSONRPCRequest, isJSONRPCResponse } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { classifyMessage } from '../../src/shared/classify-message.js';

describe('classifyMessage', () => {
  it.each([
    ['an array', []],
    ['null', null],
    ['a missing version', { id: 1, method: 'ping' }],
    ['a null id', { jsonrpc: '2.0', id: null, method: 'ping' }],
    ['a fractional id', { jsonrpc: '2.0', id: 1.5, method: 'ping' }],
    ['an id beyond the safe integers', { jsonrpc: '2.0', id: 2 ** 53, method: 'ping' }],
    ['array params', { jsonrpc: '2.0', id: 1, method: 'ping', params: [] }],
    ['null params', { jsonrpc: '2.0', id: 1, method: 'ping', params: null }],
    ['an empty method', { jsonrpc: '2.0', id: 1, method: '' }],
    [
      'an object as progress token',
      { jsonrpc: '2.0', id: 1, method: 'x', params: { _meta: { progressToken: {} } } },
    ],
    ['a result and an error', { jsonrpc: '2.0', id: 1, result: {}, error: { code: 1, message: '' } }],
    ['neither a result nor an error', { jsonrpc: '2.0', id: 1 }],
    ['an error without a message', { jsonrpc: '2.0', id: 1, error: { code: 1 } }],
  ])('refuses %s and says why', (_what, message) => {
    expect(typeof classifyMessage(message)).toBe('string');
  });

  it('drops keys that it does not know, instead of letting a server stumble over them', () => {
    const message = classifyMessage({ jsonrpc: '2.0', id: 1, method: 'ping', extra: true });
    expect(message).toEqual({ jsonrpc: '2.0', id: 1, method: 'ping' });
  });

  it('accepts only what the guards of both SDKs accept', () => {
    const id = fc.oneof(fc.integer(), fc.string(), fc.double(), fc.constant(null), fc.constant(undefined));
    const meta = fc.oneof(
      fc.record({ progressToken: fc.oneof(fc.string(), fc.integer(), fc.double(), fc.object()) }),
      fc.record({
        'io.modelcontextprotocol/related-task': fc.oneof(fc.record({ taskId: fc.string() }), fc.object()),
      }),
      fc.anything(),
    );
    const params = fc.oneof(fc.record({ _meta: meta }), fc.object(), fc.array(fc.anything()), fc.anything());
    const error = fc.oneof(
      fc.record({ code: fc.oneof(fc.integer(), fc.double()), message: fc.string(), data: fc.anything() }),
      fc.anything(),
    );
    const message = fc.record(
      {
        jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant('2.0') }, fc.anything()),
        id,
        method: fc.oneof(fc.string(), fc.anything()),
        params,
        result: fc.oneof(fc.object(), fc.anything()),
        error,
        more: fc.anything(),
      },
      { requiredKeys: ['jsonrpc'] },
    );
    let accepted = 0;
    fc.assert(
      fc.property(message, (value) => {
        const json: unknown = JSON.parse(JSON.stringify(value));
        const classified = classifyMessage(json);
        if (typeof classified === 'string') return;
        accepted += 1;
        expect(JSONRPCMessageSchema.safeParse(classified).success).toBe(true);
        const known =
          isJSONRPCRequest(classified) || isJSONRPCNotification(classified) || isJSONRPCResponse(classified);
        expect(known || 'error' in classified).toBe(true);
      }),
      { numRuns: 20_000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });
});
