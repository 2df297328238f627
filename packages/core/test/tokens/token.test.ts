import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TesseraError, generateToken } from '../../src/index.js';
import { bearerChallenge, parseBearer } from '../../src/tokens/bearer.js';
import { checkToken, estimateBits, tokenProblem } from '../../src/tokens/token.js';

describe('checkToken', () => {
  it.each([
    ['nothing', '', 'empty'],
    ['white space', 'a b', 'white space'],
    ['a line break', 'a\r\nb', 'line break'],
    ['a comma', 'a,b', 'comma'],
    ['other letters', 'tökén', 'visible ASCII'],
    ['a control character', 'a\u0000b', 'visible ASCII'],
    ['too much', 'x'.repeat(8193), '8192'],
    ['no text', 42, 'not a string'],
  ])('refuses %s and names the problem', (_what, token, problem) => {
    let thrown: unknown;
    try {
      checkToken(token);
    } catch (error) {
      thrown = error;
    }
    expect(TesseraError.isInstance(thrown) && thrown.code).toBe('malformed_token');
    expect((thrown as Error).message).toContain(problem);
    expect((thrown as Error).message).toContain('generateToken()');
  });

  it('takes a token of 8192 characters', () => {
    expect(tokenProblem('x'.repeat(8192))).toBeUndefined();
  });

  it('never shows the token in its message', () => {
    expect(() => {
      checkToken('secret,token');
    }).not.toThrow('secret');
  });
});

describe('generateToken', () => {
  it('makes different tokens that every check accepts', () => {
    const tokens = new Set(Array.from({ length: 100 }, () => generateToken()));
    expect(tokens.size).toBe(100);
    for (const token of tokens) {
      expect(token).toMatch(/^mcpt_[\w-]{43}$/);
      expect(estimateBits(token)).toBeGreaterThan(128);
      expect(parseBearer(`Bearer ${token}`)).toEqual({ kind: 'token', token });
    }
  });
});

describe('estimateBits', () => {
  it.each([
    ['math-token', 0, 128],
    ['a'.repeat(100), 0, 1],
    ['ab'.repeat(20), 0, 128],
    ['0123456789abcdef0123456789abcdef', 128, 200],
  ])('judges "%s"', (token, from, to) => {
    expect(estimateBits(token)).toBeGreaterThanOrEqual(from);
    expect(estimateBits(token)).toBeLessThan(to);
  });
});

describe('parseBearer', () => {
  it('gives every text exactly one meaning and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
        expect(['token', 'missing', 'otherScheme', 'malformed']).toContain(parseBearer(text).kind);
        expect(['token', 'malformed']).toContain(parseBearer(`Bearer ${text}`).kind);
      }),
    );
  });

  it.each([
    ['Bearer x', 'token'],
    ['bEaReR   x', 'token'],
    ['Basic x', 'otherScheme'],
    ['Bearer', 'malformed'],
    ['Bearer x y', 'malformed'],
    ['Bearer x, Bearer y', 'malformed'],
    ['', 'missing'],
  ])('reads "%s"', (header, kind) => {
    expect(parseBearer(header).kind).toBe(kind);
  });
});

describe('bearerChallenge', () => {
  it('has the order and the quotes of RFC 6750', () => {
    const challenge = bearerChallenge({ error: 'invalid_token', description: 'Token has expired' });
    expect(challenge).toBe('Bearer error="invalid_token", error_description="Token has expired"');
  });

  it('cannot be broken out of', () => {
    const challenge = bearerChallenge({ description: 'a"b\\c\r\nd' });
    expect(challenge).toBe('Bearer error_description="abcd"');
  });
});
