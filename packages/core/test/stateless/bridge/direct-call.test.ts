import { describe, expect, it } from 'vitest';
import { directResult } from '../../../src/stateless/bridge/direct-call.js';

const SERVER = { name: 'orders', version: '1.0.0' };
const DESCRIPTION = { server: SERVER, capabilities: {}, instructions: undefined };
const SERVER_INFO = 'io.modelcontextprotocol/serverInfo';
const content = [{ type: 'text', text: 'done' }];

describe('The result of a tool that goes past its front', () => {
  it('Is completed by two keys, and keeps what its server has said of its own.', () => {
    const answer = { result: { content, _meta: { took: 3 } } };
    expect(directResult(answer, DESCRIPTION)).toEqual({
      content,
      resultType: 'complete',
      _meta: { took: 3, [SERVER_INFO]: SERVER },
    });
    expect(answer).toEqual({ result: { content, _meta: { took: 3 } } });
  });

  it('Is left to the front when it has a key of the name `__proto__`.', () => {
    const meta: unknown = JSON.parse('{ "__proto__": { "took": 3 } }');
    expect(directResult({ result: { content, _meta: meta } }, DESCRIPTION)).toBeUndefined();
  });
});
