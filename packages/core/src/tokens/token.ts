import { digestText, type Digest, type Keys } from '../keys/keys.js';
import { coreError } from '../errors/core-error.js';
import { toBase64Url, toHex } from '../shared/base64url.js';
import { systemRandomBytes, type RandomBytes } from '../shared/platform.js';

/** Longest token that is accepted, in characters. */
const MAXIMUM_TOKEN_LENGTH = 8192;

const FINGERPRINT_BYTES = 6;
const LONG_FINGERPRINT_BYTES = 16;
const GENERATED_BYTES = 32;
const TOKEN_PREFIX = 'mcpt_';

/** Makes a token of 256 random bits: `mcpt_` and 43 characters that need no escaping in a header. */
export function generateToken(randomBytes: RandomBytes = systemRandomBytes): string {
  return TOKEN_PREFIX + toBase64Url(randomBytes(GENERATED_BYTES));
}

/**
 * Refuses a token that could not arrive in an `Authorization` header as it was given.
 *
 * @throws `malformed_token`
 */
export function checkToken(token: unknown): asserts token is string {
  const problem = tokenProblem(token);
  if (problem === undefined) return;
  throw coreError(
    'malformed_token',
    `The token ${problem}. Use generateToken(), or visible ASCII without a comma.`,
  );
}

/** What makes a text unusable as a bearer token, or undefined. */
export function tokenProblem(token: unknown): string | undefined {
  if (typeof token !== 'string') return 'is not a string';
  if (token === '') return 'is empty';
  if (token.length > MAXIMUM_TOKEN_LENGTH) {
    return `is longer than ${String(MAXIMUM_TOKEN_LENGTH)} characters`;
  }
  for (let index = 0; index < token.length; index += 1) {
    const code = token.charCodeAt(index);
    if (code === 0x2c) return 'holds a comma';
    if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) return 'holds white space or a line break';
    if (code < 0x21 || code > 0x7e) return 'holds a character that is not visible ASCII';
  }
  return undefined;
}

/**
 * An upper bound for the strength of a token in bits, judged from its length and the kinds of characters in it.
 * It cannot tell that a word is in a dictionary.
 */
export function estimateBits(token: string): number {
  let alphabet = 0;
  if (/[a-z]/.test(token)) alphabet += 26;
  if (/[A-Z]/.test(token)) alphabet += 26;
  if (/[0-9]/.test(token)) alphabet += 10;
  if (/[^a-zA-Z0-9]/.test(token)) alphabet += 32;
  const distinct = new Set(token).size;
  return token.length * Math.log2(Math.max(1, Math.min(alphabet, distinct * distinct)));
}

/** The text under which a token is looked up: its keyed digest in base64url. */
export function digestToken(digest: Digest, keys: Keys, token: string): string {
  return digestText(digest, keys.tokenDigest, token);
}

/** What logs and events show of a secret text: 12 hexadecimal digits of a keyed digest of its own. */
export function fingerprintOf(digest: Digest, keys: Keys, text: string): string {
  return toHex(digest(keys.fingerprint, text).subarray(0, FINGERPRINT_BYTES));
}

/** The same at a length that no two tokens share. */
export function longFingerprintOf(digest: Digest, keys: Keys, text: string): string {
  return toHex(digest(keys.fingerprint, text).subarray(0, LONG_FINGERPRINT_BYTES));
}
