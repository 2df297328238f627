import { describe, expect, it } from 'vitest';
import { writtenOf } from '../../../src/sessions/streams/written.js';
import { LIST_CHANGED, resourceUpdated } from '../../../src/shared/changeable-lists.js';
import type { JsonRpcNotification } from '../../../src/shared/json-rpc.js';

describe('writtenOf', () => {
  it.each([LIST_CHANGED.tools, resourceUpdated('a:b')])('writes once what many are told: %o', (message) => {
    expect(writtenOf(message)).toBe(writtenOf(message));
    expect(JSON.parse(writtenOf(message).json)).toEqual(message);
  });

  it('writes each time what a server has made, also when it is frozen: what is in it may not be', () => {
    const params = { level: 'info', data: 'of one' };
    const message: JsonRpcNotification = Object.freeze({
      jsonrpc: '2.0',
      method: 'notifications/message',
      params,
    });
    expect(writtenOf(message).json).toContain('of one');
    params.data = 'of another';
    expect(writtenOf(message).json).toContain('of another');
  });
});
