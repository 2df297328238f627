import { describe, expect, it } from 'vitest';
import { messageExtra } from '../../src/servers/message-extra.js';

const headers = {
  authorization: 'Bearer secret',
  cookie: 'session=secret',
  'mcp-session-id': 'secret',
  'x-shown': 'yes',
  host: 'example.com',
};

const authInfo = { token: 'fingerprint', clientId: 'tenant', scopes: [] };

interface Seen {
  readonly requestInfo: { readonly headers: Record<string, string>; readonly url: URL };
  readonly request: { readonly method: string; readonly url: string; readonly headers: Headers };
}

describe('what handlers see of a request', () => {
  it('is the address and the headers, without those that are credentials', () => {
    const request = new Request('https://example.com/mcp?x=1', { method: 'POST', headers });
    const { requestInfo, request: view } = messageExtra(request, authInfo) as unknown as Seen;
    expect(requestInfo.url.href).toBe('https://example.com/mcp?x=1');
    expect(requestInfo.headers['x-shown']).toBe('yes');
    expect([view.method, view.url, view.headers.get('x-shown')]).toEqual([
      'POST',
      'https://example.com/mcp?x=1',
      'yes',
    ]);
    expect(JSON.stringify([requestInfo.headers, [...view.headers]])).not.toContain('secret');
  });

  it('has an address also where the request had only a path', () => {
    const light = {
      method: 'GET',
      url: '/mcp',
      secure: true,
      headers: { get: (name: string) => (name === 'host' ? 'example.com' : null) },
      text: () => Promise.resolve(''),
    };
    const { requestInfo, request: view } = messageExtra(light, authInfo) as unknown as Seen;
    expect(requestInfo.url.href).toBe('https://example.com/mcp');
    expect([requestInfo.headers, [...view.headers]]).toEqual([{}, []]);
  });
});
