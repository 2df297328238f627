import { describe, expect, it } from 'vitest';
import { toBase64Url, toHex } from '../../src/shared/base64url.js';
import { pathOf, queryOf } from '../../src/shared/edge.js';
import { accepts, mediaTypeOf } from '../../src/shared/media-type.js';
import { equalTexts, toError } from '../../src/shared/values.js';

describe('toBase64Url', () => {
  it('agrees with the platform for every length and every byte', () => {
    for (let length = 0; length < 260; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + length) % 256);
      expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
    }
  });
});

describe('pathOf', () => {
  it.each([
    ['/mcp', '/mcp'],
    ['/mcp?token=1', '/mcp'],
    ['/mcp#x', '/mcp'],
    ['http://host/mcp?x', '/mcp'],
    ['http://host', '/'],
    ['https://host:1/a/b', '/a/b'],
  ])('finds the path of %s', (url, path) => {
    expect(pathOf(url)).toBe(path);
  });

  it('finds the query too', () => {
    expect(queryOf('/mcp?a=1&b=2#c')).toBe('a=1&b=2');
    expect(queryOf('/mcp')).toBe('');
  });
});

describe('media types', () => {
  it.each([
    ['application/json', 'application/json'],
    ['Application/JSON; charset=utf-8', 'application/json'],
    ['text/plain; a="application/json"', 'text/plain'],
    [null, ''],
  ])('reads %s', (value, type) => {
    expect(mediaTypeOf(value)).toBe(type);
  });

  it.each([
    ['application/json, text/event-stream', true],
    ['application/*', true],
    ['*/*;q=0.1', true],
    ['application/json;q=0', false],
    ['application/json;q=0.000', false],
    ['text/html', false],
    ['application/jsonx', false],
    [null, false],
  ])('says whether "%s" admits JSON', (value, admitted) => {
    expect(accepts(value, 'application/json')).toBe(admitted);
  });
});

describe('toError', () => {
  it('makes an error of whatever was thrown, also of what cannot be printed', () => {
    const error = new Error('x');
    expect(toError(error)).toBe(error);
    expect(toError('text').message).toBe('text');
    const hostile = {
      toString: () => {
        throw new Error('no');
      },
    };
    expect(toError(hostile).message).toContain('cannot be printed');
  });
});

describe('equalTexts', () => {
  it('compares whole texts', () => {
    expect(equalTexts('abc', 'abc')).toBe(true);
    expect(equalTexts('abc', 'abd')).toBe(false);
    expect(equalTexts('abc', 'ab')).toBe(false);
  });
});
