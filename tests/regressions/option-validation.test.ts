import { createTessera, type Tessera, type TenantOptions, type TokenOptions } from '@tessera-mcp/core';
import type { PerBearerMcpServerOptions } from '@tessera-mcp/node';
import { afterEach, describe, expect, it } from 'vitest';

import { adapters } from '../one-line-server/helpers/adapters.js';
import { recordingLogger } from '../one-line-server/helpers/recording-logger.js';
import { serverV1 } from '../one-line-server/helpers/servers.js';
import { collect, thrownBy } from '../one-line-server/helpers/watch.js';
import { closeEverything, closeLater } from '../session-era/helpers/cleanup.js';
import { newToken } from '../session-era/helpers/world.js';

afterEach(closeEverything);

const find = (): Promise<undefined> => Promise.resolve(undefined);

/** Options that a program in plain JavaScript may well pass. */
const BOTH: readonly [string, object][] = [
  ['origins that are one text', { origins: 'https://app.example' }],
  ['origins that are an object', { origins: {} }],
  ['hosts that are one text', { hosts: 'mcp.example' }],
  ['hosts with an address', { hosts: ['https://a/x'] }],
  ['hosts with a path', { hosts: ['mcp.example/x'] }],
  ['hosts with a number', { hosts: [8080] }],
  ['a minimum of bits that is a word', { tokens: { minimumBits: 'abc' } }],
  ['a minimum of bits that is NaN', { tokens: { minimumBits: NaN } }],
];

const TESSERA: readonly [string, object][] = [
  ...BOTH,
  ['registries that are an object', { auth: { registries: {} } }],
  ['registries that are one registry', { auth: { registries: { find } } }],
  ['a registry without find', { auth: { registries: [{}] } }],
  ['a registry that is null', { auth: { registries: [null] } }],
  ['a second registry without find', { auth: { registries: [{ find }, { lookup: find }] } }],
];

const ONE_LINE: readonly [string, object][] = [
  ...BOTH,
  ['logging that is a text', { logging: 'false' }],
  ['logging that is a number', { logging: 0 }],
  ['redactTokens that is a text', { redactTokens: 'false' }],
];

const TENANTS: readonly [string, object][] = [
  ['a misspelt option', { expireAt: 1 }],
  ['another misspelt option', { scope: ['admin'] }],
  ['scopes that are one text', { scopes: 'admin' }],
  ['scopes that are no texts', { scopes: [1] }],
  ['an expiry that is a text', { expiresAt: 'tomorrow' }],
];

const makeTessera = (): Tessera => {
  const tessera = createTessera({ logger: recordingLogger() });
  closeLater(() => tessera.close());
  return tessera;
};

describe('Options of createTessera', () => {
  it.each(TESSERA)('It refuses %s.', (_what, options) => {
    const { code } = thrownBy(() => createTessera({ logger: recordingLogger(), ...options }));
    expect(code).toBe('invalid_option');
  });
});

describe('Options of the tokens of a tenant', () => {
  it.each(TENANTS)('addTenant refuses a token with %s, and leaves nothing behind.', (_what, options) => {
    const tessera = makeTessera();
    const told: string[] = [];
    for (const name of ['tenantAdded', 'tokenAdded', 'tenantRemoved', 'tokenRemoved'] as const) {
      tessera.on(name, () => told.push(name));
    }
    const [first, second] = [newToken(), newToken()];
    const tokens = [first, { token: second, ...options }] as NonNullable<TenantOptions['tokens']>;
    const { code } = thrownBy(() => {
      tessera.addTenant({ id: 'acme', server: () => serverV1('one'), tokens });
    });
    expect(code).toBe('invalid_option');
    expect(tessera.getTenant('acme')).toBeUndefined();
    expect([first, second].map((token) => tessera.hasToken(token))).toEqual([false, false]);
    expect(tessera.getStats()).toMatchObject({ tenants: 0, tokens: 0 });
    expect(told).toEqual([]);
    expect(() => {
      tessera.addTenant({ id: 'acme', server: () => serverV1('one'), tokens: [first, second] });
    }).not.toThrow();
  });

  it.each(TENANTS)('addToken refuses %s, and does not add the token.', (_what, options) => {
    const tessera = makeTessera();
    tessera.addTenant({ id: 'acme', server: () => serverV1('one') });
    const token = newToken();
    expect(thrownBy(() => tessera.addToken('acme', token, options as TokenOptions)).code).toBe(
      'invalid_option',
    );
    expect(tessera.hasToken(token)).toBe(false);
    expect(tessera.getStats().tokens).toBe(0);
    expect(tessera.addToken('acme', token).fingerprint).toMatch(/^[0-9a-f]{12}$/);
  });

  it.each([[undefined], [null], [42]])('addTenant refuses %s in the place of a token.', (token) => {
    const tessera = makeTessera();
    const tokens = [token] as unknown as string[];
    const { code } = thrownBy(() => {
      tessera.addTenant({ id: 'acme', server: () => serverV1('one'), tokens });
    });
    expect(['invalid_option', 'malformed_token']).toContain(code);
    expect(tessera.getStats()).toMatchObject({ tenants: 0, tokens: 0 });
  });
});

describe.each(adapters)('Options of the one-line server on $adapter', ({ create }) => {
  it.each(ONE_LINE)('It refuses %s.', (_what, options) => {
    const given = { logger: recordingLogger(), ...options } as PerBearerMcpServerOptions;
    expect(thrownBy(() => create(given)).code).toBe('invalid_option');
  });

  it.each<[string, unknown]>([
    ['an object', { token: 'options-0f1e2d3c4b5a6978', label: 'one' }],
    ['undefined', undefined],
    ['null', null],
    ['an array', ['options-0f1e2d3c4b5a6978']],
  ])('addToken refuses %s in the place of a token, and adds nothing.', (_what, token) => {
    const server = create({ logger: recordingLogger() });
    const added = collect(server, 'tokenAdded');
    const { code } = thrownBy(() => server.addToken(token as string, () => serverV1('one')));
    expect(['invalid_option', 'malformed_token']).toContain(code);
    expect(server.getTokens()).toEqual([]);
    expect(server.getStats()).toMatchObject({ registeredTokens: 0, tokens: [] });
    expect(added).toEqual([]);
    expect(server.hasToken('options-0f1e2d3c4b5a6978')).toBe(false);
  });
});
