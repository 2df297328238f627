import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodeDigest } from '../src/node-digest.js';

function expected(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

describe('The digest of Node', () => {
  it('Is HMAC-SHA-256, as RFC 4231 has it in its test cases 1, 2 and 6.', () => {
    const cases = [
      [
        Buffer.alloc(20, 0x0b),
        'Hi There',
        'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
      ],
      [
        Buffer.from('Jefe'),
        'what do ya want for nothing?',
        '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
      ],
      [
        Buffer.alloc(131, 0xaa),
        'Test Using Larger Than Block-Size Key - Hash Key First',
        '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
      ],
    ] as const;
    for (const [key, text, digest] of cases) {
      expect(Buffer.from(nodeDigest(key, text)).toString('hex')).toBe(digest);
    }
  });

  it('Is what an Hmac object says, for keys and texts of any length, in whatever order they come.', () => {
    const keys = [1, 32, 63, 64, 65, 200].map((length) => randomBytes(length));
    const texts = [
      '',
      'a',
      'ä€😀',
      '\ud800',
      'x'.repeat(1024),
      '€'.repeat(1024),
      'y'.repeat(1025),
      '€'.repeat(9000),
      'z',
    ];
    for (const key of keys) {
      for (const text of texts) {
        expect(Buffer.from(nodeDigest(key, text)).equals(expected(key, text))).toBe(true);
        expect(nodeDigest.base64url?.(key, text)).toBe(expected(key, text).toString('base64url'));
      }
    }
  });

  it('Gives bytes that stay what they are when it is asked again.', () => {
    const key = randomBytes(32);
    const first = nodeDigest(key, 'one');
    const kept = Buffer.from(first);
    nodeDigest(key, 'another');
    expect(Buffer.from(first).equals(kept)).toBe(true);
  });
});
