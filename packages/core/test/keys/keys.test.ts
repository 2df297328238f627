import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { deriveKeys, portableDigest } from '../../src/keys/keys.js';
import { systemRandomBytes } from '../../src/shared/platform.js';

describe('keys', () => {
  it('are HMAC-SHA-256, as every platform computes it', () => {
    const key = systemRandomBytes(32);
    const expected = createHmac('sha256', key).update('täxt').digest();
    expect(Buffer.from(portableDigest(key, 'täxt')).equals(expected)).toBe(true);
  });

  it('are the same for the same secret, and differ by purpose', () => {
    const secret = 'x'.repeat(32);
    const one = deriveKeys({ secret }, systemRandomBytes);
    expect(deriveKeys({ secret }, systemRandomBytes)).toEqual(one);
    expect(one.tokenDigest).not.toEqual(one.fingerprint);
  });

  it('are random without a secret', () => {
    expect(deriveKeys(undefined, systemRandomBytes)).not.toEqual(deriveKeys(undefined, systemRandomBytes));
  });

  it('refuse a secret that is too short, and say how to make one', () => {
    expect(() => deriveKeys({ secret: 'short' }, systemRandomBytes)).toThrow(/openssl rand/);
    expect(() => deriveKeys({ secret: 5 as never }, systemRandomBytes)).toThrow(/invalid_option/);
  });
});
