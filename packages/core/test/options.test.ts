import { describe, expect, it } from 'vitest';
import { createTessera, type TesseraOptions } from '../src/index.js';

const verifier = { verifyAccessToken: () => Promise.reject(new Error('unused')) };

describe('options', () => {
  it.each([
    ['no object', null],
    ['an unknown name', { path: '/mcp' }],
    ['an endpoint without a slash', { endpoint: 'mcp' }],
    ['an endpoint with two slashes', { endpoint: '//mcp' }],
    ['an endpoint with a query', { endpoint: '/mcp?x' }],
    ['an unknown limit', { limits: { session: 1 } }],
    ['a limit of nothing', { limits: { sessions: 0 } }],
    ['an unknown session option', { sessions: { idle: 1 } }],
    ['an idle time of nothing', { sessions: { idleMs: 0 } }],
    ['an idle time that is text', { sessions: { idleMs: '5' } }],
    ['origins that are no list', { origins: 'https://a.example' }],
    ['an origin with a path', { origins: ['https://a.example/x'] }],
    ['an origin that is no text', { origins: [1] }],
    ['hosts that are no list', { hosts: 'a.example' }],
    ['a host with a scheme', { hosts: ['https://a.example'] }],
    ['a resource without a scheme', { resource: 'a.example/mcp' }],
    ['a strength that is text', { tokens: { minimumBits: 'abc' } }],
    ['an unknown token option', { tokens: { bits: 1 } }],
    ['an unknown auth option', { auth: { verify: verifier } }],
    ['registries that are no list', { auth: { registries: {} } }],
    ['a registry that finds nothing', { auth: { registries: [{}] } }],
    ['a verifier that verifies nothing', { auth: { verifier: {}, tenant: 'a' } }],
    ['a provider that makes nothing', { auth: { provider: verifier } }],
    ['a verifier without a tenant', { auth: { verifier } }],
    ['a tenant without a verifier', { auth: { tenant: 'a' } }],
    ['a memory of less than nothing', { auth: { verifier, tenant: 'a', rememberVerifiedMs: -1 } }],
    ['an unknown document', { metadata: { resource: {} } }],
    ['a resource that is no address', { metadata: { protectedResource: { resource: 'a.example' } } }],
    ['a short secret', { keys: { secret: 'short' } }],
  ])('refuse %s, and name what it may be', (_what, options) => {
    expect(() => createTessera(options as TesseraOptions)).toThrow(/invalid_option/);
  });

  it('are not changed, and may be frozen', () => {
    const options = Object.freeze({
      limits: Object.freeze({ sessions: 5 }),
      origins: Object.freeze(['https://A.example']),
    });
    const tessera = createTessera(options);
    tessera.addTenant({ id: 'a', server: () => Promise.reject(new Error('unused')) });
    expect(tessera.getTenant('a')?.limits.sessions).toBe(5);
    expect(options).toEqual({ limits: { sessions: 5 }, origins: ['https://A.example'] });
  });
});
