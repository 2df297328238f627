import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { coreError } from '../errors/core-error.js';
import { toBase64Url } from '../shared/base64url.js';
import type { RandomBytes } from '../shared/platform.js';

/**
 * HMAC-SHA-256 of a text (RFC 2104), synchronous because it runs on every request. The default is a portable
 * implementation; a platform's own is several times faster.
 */
export interface Digest {
  (key: Uint8Array, text: string): Uint8Array;
  /** The same in unpadded base64url (RFC 4648 §5), where the platform writes it at once. Default: made from the bytes. */
  readonly base64url?: (key: Uint8Array, text: string) => string;
}

/** The secret that all keys of a tessera are derived from. */
export interface KeyOptions {
  /** At least 32 bytes: a `Uint8Array`, or a text of at least 32 characters. */
  readonly secret: Uint8Array | string;
}

/** One key a purpose; knowing one of them tells nothing about another. */
export interface Keys {
  /** The pepper under which tokens are looked up. */
  readonly tokenDigest: Uint8Array;
  /** For the fingerprints that events and logs show. */
  readonly fingerprint: Uint8Array;
  /** For the ids of tokens. */
  readonly tokenId: Uint8Array;
  /** For the ids of events in streams. */
  readonly eventId: Uint8Array;
  /** Under which stores know sessions. */
  readonly sessionStore: Uint8Array;
  /** What a server gives its clients to bring back, sealed (MCP 2026-07-28 `requestState`). */
  readonly requestState: Uint8Array;
}

const MINIMUM_SECRET_BYTES = 32;

/** The portable digest. */
export const portableDigest: Digest = (key, text) => hmac(sha256, key, new TextEncoder().encode(text));

/** A digest as text: unpadded base64url. */
export function digestText(digest: Digest, key: Uint8Array, text: string): string {
  return digest.base64url?.(key, text) ?? toBase64Url(digest(key, text));
}

/**
 * Derives the keys of a tessera. Without a secret they are random, and gone when the process ends.
 *
 * @throws `invalid_option` when the secret is shorter than 32 bytes.
 */
export function deriveKeys(options: KeyOptions | undefined, randomBytes: RandomBytes): Keys {
  const secret = options === undefined ? randomBytes(MINIMUM_SECRET_BYTES) : toBytes(options.secret);
  return {
    tokenDigest: portableDigest(secret, 'tessera/token-digest/1'),
    fingerprint: portableDigest(secret, 'tessera/fingerprint/1'),
    tokenId: portableDigest(secret, 'tessera/token-id/1'),
    eventId: portableDigest(secret, 'tessera/event-id/1'),
    sessionStore: portableDigest(secret, 'tessera/session-store/1'),
    requestState: portableDigest(secret, 'tessera/request-state/1'),
  };
}

function toBytes(secret: unknown): Uint8Array {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret;
  if (!(bytes instanceof Uint8Array) || bytes.length < MINIMUM_SECRET_BYTES) {
    throw coreError(
      'invalid_option',
      `keys.secret must be a Uint8Array or a text of at least ${String(MINIMUM_SECRET_BYTES)} bytes; make one with "openssl rand -base64 32".`,
    );
  }
  return bytes;
}
