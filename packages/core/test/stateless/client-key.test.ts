import { describe, expect, it } from 'vitest';
import { authInfoOf, type Caller } from '../../src/shared/caller.js';
import type { AuthInfo } from '../../src/shared/auth-info.js';
import type { Principal } from '../../src/shared/model.js';
import { clientKey } from '../../src/stateless/client-key.js';

const CLIENT = { info: { name: 'client', version: '1' }, capabilities: {} };

const PRINCIPAL = {
  tenantId: 'acme',
  subject: 'ann',
  tokenId: 't1',
  fingerprint: 'f1',
  scopes: ['read'],
  claims: { plan: 'gold' },
} as unknown as Principal;

function keyOf(change: (authInfo: AuthInfo) => void = () => undefined): string | undefined {
  const caller: Caller = { principal: PRINCIPAL, authInfo: authInfoOf(PRINCIPAL), isOwn: true };
  change(caller.authInfo);
  return clientKey(caller, CLIENT);
}

describe('clientKey', () => {
  it('is the same for the same caller, and says all that tells callers apart', () => {
    expect(keyOf()).toBe(keyOf());
    expect(keyOf()).toContain('gold');
    expect(keyOf()).toContain('ann');
  });

  it.each<[string, (authInfo: AuthInfo) => void]>([
    ['a user', ({ extra }) => Object.assign(extra ?? {}, { user: 'bob' })],
    ['another claim', ({ extra }) => Object.assign(extra ?? {}, { plan: 'free' })],
    ['a scope', ({ scopes }) => scopes.push('write')],
    ['another scope', ({ scopes }) => scopes.splice(0, 1, 'write')],
    ['another client', (authInfo) => Object.assign(authInfo, { clientId: 'other' })],
  ])(
    'is another one when an app has added %s to what handlers are told, before and afterwards',
    (_what, change) => {
      const usual = keyOf();
      expect(keyOf(change)).not.toBe(usual);
      expect(keyOf(change)).toBe(keyOf(change));
      expect(keyOf()).toBe(usual);
    },
  );
});
