import { beforeEach, describe, expect, it } from 'vitest';
import { deriveKeys, portableDigest } from '../../src/keys/keys.js';
import { systemRandomBytes } from '../../src/shared/platform.js';
import { OwnTokens } from '../../src/tokens/own-tokens.js';
import { FakeTime } from '../helpers/fake-platform.js';

let time: FakeTime;
let tokens: OwnTokens;

beforeEach(() => {
  time = new FakeTime();
  const keys = deriveKeys(undefined, systemRandomBytes);
  tokens = new OwnTokens({ digest: portableDigest, keys, clock: time, randomBytes: systemRandomBytes });
});

describe('OwnTokens', () => {
  it('finds a token by its digest and keeps nothing of its text', () => {
    const record = tokens.add('a', 'some-secret-token');
    expect(tokens.findToken('some-secret-token')).toBe(record);
    expect(tokens.find(record.digest)).toBe(record);
    expect(JSON.stringify(record)).not.toContain('some-secret-token');
    expect(record.fingerprint).toMatch(/^[0-9a-f]{12}$/);
    expect(record.digest.startsWith(record.fingerprint)).toBe(false);
  });

  it('refuses a token that is registered, for whichever tenant', () => {
    tokens.add('a', 'token');
    expect(() => tokens.add('b', 'token')).toThrow(/duplicate_token/);
    expect(tokens.size).toBe(1);
  });

  it('keeps the id when a token is rotated, and the old text only for the grace time', async () => {
    const { tokenId } = tokens.add('a', 'old', { label: 'laptop', scopes: ['read'] });
    const rotated = tokens.rotate('old', 'new', 1000);
    expect(rotated).toMatchObject({ tokenId, label: 'laptop', scopes: ['read'] });
    expect(tokens.findToken('old')?.tokenId).toBe(tokenId);
    await time.advance(1000);
    expect(tokens.findToken('old')).toBeUndefined();
    expect(tokens.findToken('new')?.tokenId).toBe(tokenId);
    expect(tokens.size).toBe(1);
  });

  it('drops the old text at once without a grace time', () => {
    tokens.add('a', 'old');
    tokens.rotate('old', 'new', 0);
    expect(tokens.findToken('old')).toBeUndefined();
  });

  it('does not lengthen an earlier grace time by rotating again', async () => {
    tokens.add('a', 'one');
    tokens.rotate('one', 'two', 100);
    tokens.rotate('two', 'three', 10_000);
    await time.advance(100);
    expect(tokens.findToken('one')).toBeUndefined();
    expect(tokens.findToken('two')).toBeDefined();
  });

  it('changes nothing when a rotation is refused', () => {
    tokens.add('a', 'one');
    tokens.add('a', 'two');
    expect(() => tokens.rotate('one', 'two', 0)).toThrow(/duplicate_token/);
    expect(() => tokens.rotate('one', 'a b', 0)).toThrow(/malformed_token/);
    expect(() => tokens.rotate('none', 'three', 0)).toThrow(/unknown_token/);
    expect(tokens.findToken('one')).toBeDefined();
    expect(tokens.size).toBe(2);
  });

  it('forgets a token under every text it had', () => {
    const { tokenId } = tokens.add('a', 'old');
    tokens.rotate('old', 'new', 60_000);
    expect(tokens.remove(tokenId)?.tokenId).toBe(tokenId);
    expect([tokens.findToken('old'), tokens.findToken('new')]).toEqual([undefined, undefined]);
    expect(tokens.size).toBe(0);
  });

  it('forgets all tokens of one tenant and no other', () => {
    tokens.add('a', 'a1');
    tokens.add('a', 'a2');
    tokens.add('b', 'b1');
    expect(tokens.removeAll('a')).toHaveLength(2);
    expect(tokens.removeAll('a')).toHaveLength(0);
    expect(tokens.findToken('b1')).toBeDefined();
  });

  it.each([new Date(NaN), Number.NaN, Number.POSITIVE_INFINITY])('refuses %s as an expiry', (expiresAt) => {
    expect(() => tokens.add('a', 'token', { expiresAt })).toThrow(/invalid_option/);
    expect(tokens.size).toBe(0);
  });
});
