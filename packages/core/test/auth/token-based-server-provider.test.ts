import { describe, expect, it } from 'vitest';
import { TokenBasedServerProvider } from '../../src/index.js';
import { plainServer } from '../helpers/requests.js';

const factory = (): ReturnType<typeof plainServer> => plainServer();

describe('TokenBasedServerProvider', () => {
  it('verifies the tokens it has and makes their servers', async () => {
    const provider = new TokenBasedServerProvider({ one: factory }).addToken('two', () => plainServer('two'));
    const authInfo = await provider.verifyAccessToken('two');
    expect(authInfo).toMatchObject({ token: 'two', scopes: [] });
    expect(provider.createServerForToken('two', authInfo)).toHaveProperty('connect');
    expect(provider.getTokens()).toEqual(['one', 'two']);
    expect(provider.hasToken('one')).toBe(true);
    await expect(provider.verifyAccessToken('three')).rejects.toMatchObject({ code: 'invalid_token' });
  });

  it('tells its listeners of removals until they have gone', () => {
    const provider = new TokenBasedServerProvider({ one: factory, two: factory });
    const revoked: string[] = [];
    const detach = provider.attach({ revoked: (token) => revoked.push(token) });
    provider.removeToken('one').removeToken('one').removeToken('unknown');
    detach();
    provider.removeToken('two');
    expect(revoked).toEqual(['one']);
  });

  it.each([
    [
      'a token twice',
      (provider: TokenBasedServerProvider) => provider.addToken('one', factory),
      'duplicate_token',
    ],
    [
      'an impossible token',
      (provider: TokenBasedServerProvider) => provider.addToken('a b', factory),
      'malformed_token',
    ],
    [
      'no function',
      (provider: TokenBasedServerProvider) => provider.addToken('x', {} as never),
      'invalid_factory',
    ],
    [
      'an update of nothing',
      (provider: TokenBasedServerProvider) => provider.updateToken('x', factory),
      'unknown_token',
    ],
    [
      'an update with nothing',
      (provider: TokenBasedServerProvider) => provider.updateToken('one', 1 as never),
      'invalid_factory',
    ],
  ])('refuses %s', (_what, act, code) => {
    const provider = new TokenBasedServerProvider({ one: factory });
    expect(() => act(provider)).toThrow(code);
    expect(provider.getTokens()).toEqual(['one']);
  });

  it('makes no server for a token that was removed meanwhile', async () => {
    const provider = new TokenBasedServerProvider({ one: factory });
    const authInfo = await provider.verifyAccessToken('one');
    provider.removeToken('one');
    expect(() => provider.createServerForToken('one', authInfo)).toThrow(/unknown_token/);
  });
});
