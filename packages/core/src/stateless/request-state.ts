import type { Digest } from '../keys/keys.js';
import { fromBase64Url, toBase64Url } from '../shared/base64url.js';
import type { Principal } from '../shared/model.js';
import type { Cipher, Clock, RandomBytes } from '../shared/platform.js';

/** What a state belongs to: nobody else can bring it back, and for nothing else. */
export interface StateOwner {
  readonly principal: Pick<Principal, 'tenantId' | 'subject'>;
  readonly method: string;
  /** The name of the tool or prompt, or the address of the resource. */
  readonly name: string;
  /** Who has written it: the server itself, or the bridge to one that only knows sessions. */
  readonly by: 'server' | 'bridge';
}

/** What sealing takes. */
export interface RequestStateParts {
  /** What the keys of tenants are made of: 32 bytes. */
  readonly key: Uint8Array;
  readonly digest: Digest;
  readonly cipher: Cipher;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

const NONCE_BYTES = 12;
const VERSION = 't1.';
/** For how long a client may take to answer, in milliseconds. */
const LIFETIME_MS = 600_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Seals what servers let clients bring back in the next round (`requestState`, MCP 2026-07-28): encrypted and authenticated
 * under a key of the tenant's own, and bound to user, method and name for ten minutes.
 */
export class RequestStateSeal {
  readonly #parts: RequestStateParts;

  constructor(parts: RequestStateParts) {
    this.#parts = parts;
  }

  async seal(state: string, owner: StateOwner): Promise<string> {
    const { cipher, clock, randomBytes } = this.#parts;
    const nonce = randomBytes(NONCE_BYTES);
    const text = encoder.encode(JSON.stringify([clock.now() + LIFETIME_MS, state]));
    const sealed = await cipher.seal(this.#keyOf(owner), nonce, text, boundTo(owner));
    const bytes = new Uint8Array(NONCE_BYTES + sealed.length);
    bytes.set(nonce);
    bytes.set(sealed, NONCE_BYTES);
    return VERSION + toBase64Url(bytes);
  }

  /** The state as it was sealed; undefined when it is not one of ours, somebody else's, for another call, or too old. */
  async open(sealed: string, owner: StateOwner): Promise<string | undefined> {
    const { cipher, clock } = this.#parts;
    if (!sealed.startsWith(VERSION)) return undefined;
    try {
      const bytes = fromBase64Url(sealed.slice(VERSION.length));
      if (bytes === undefined || bytes.length <= NONCE_BYTES) return undefined;
      const [nonce, rest] = [bytes.subarray(0, NONCE_BYTES), bytes.subarray(NONCE_BYTES)];
      const text = decoder.decode(await cipher.open(this.#keyOf(owner), nonce, rest, boundTo(owner)));
      const [expiresAt, state] = JSON.parse(text) as [number, string];
      return expiresAt > clock.now() ? state : undefined;
    } catch {
      // Whatever is wrong with it, nobody learns what.
      return undefined;
    }
  }

  /** Random nonces of this length are for so many messages under one key, and no tenant uses up those of another. */
  #keyOf({ principal }: StateOwner): Uint8Array {
    const { key, digest } = this.#parts;
    return digest(key, principal.tenantId);
  }
}

function boundTo({ principal, method, name, by }: StateOwner): Uint8Array {
  return encoder.encode(JSON.stringify([principal.tenantId, principal.subject, method, name, by]));
}
