import { coreError } from '../errors/core-error.js';
import type { Digest, Keys } from '../keys/keys.js';
import { toHex } from '../shared/base64url.js';
import type { Principal } from '../shared/model.js';
import type { Clock, RandomBytes } from '../shared/platform.js';
import { equalTexts } from '../shared/values.js';
import { principalOf } from './principal-of.js';
import { checkToken, digestToken, fingerprintOf } from './token.js';
import type { TokenRecord } from './token-registry.js';

/** What can be said about a token when it is added. */
export interface TokenOptions {
  /** A name for people, shown in events. */
  readonly label?: string;
  /** When the token stops being valid: a date, or milliseconds since the epoch. Default: never. */
  readonly expiresAt?: Date | number;
  /** The scopes its callers have. Default: none. */
  readonly scopes?: readonly string[];
}

/** The names of the options of a token. */
export const TOKEN_OPTION_NAMES: readonly string[] = ['label', 'expiresAt', 'scopes'];

/** A text that a token is accepted under. */
class Entry {
  readonly digest: string;
  /** When the token was rotated: until when this text is accepted, in milliseconds since the epoch. */
  validUntil: number | undefined;
  /** The text that this one has replaced, as long as it is accepted too. */
  replaced: Entry | undefined;
  #record: TokenRecord;
  #principal: Principal | undefined;

  constructor(digest: string, record: TokenRecord) {
    this.digest = digest;
    this.#record = record;
  }

  get record(): TokenRecord {
    return this.#record;
  }

  set record(record: TokenRecord) {
    this.#record = record;
    this.#principal = undefined;
  }

  /** Who calls with it; made when somebody does, because of many tokens few are used. */
  get principal(): Principal {
    this.#principal ??= principalOf(this.#record);
    return this.#principal;
  }
}

const TOKEN_ID_BYTES = 12;
const NO_SCOPES: readonly string[] = Object.freeze([]);

/** The tessera's own tokens: synchronous, in memory, kept as keyed digests only. */
export class OwnTokens {
  readonly #entries = new Map<string, Entry>();
  /** The newest text of each token; it knows those before it. */
  readonly #ofToken = new Map<string, Entry>();
  readonly #ofTenant = new Map<string, Set<string>>();
  readonly #digest: Digest;
  readonly #keys: Keys;
  readonly #clock: Clock;
  readonly #randomBytes: RandomBytes;

  constructor(parts: { digest: Digest; keys: Keys; clock: Clock; randomBytes: RandomBytes }) {
    this.#digest = parts.digest;
    this.#keys = parts.keys;
    this.#clock = parts.clock;
    this.#randomBytes = parts.randomBytes;
  }

  /** @throws `malformed_token`, `duplicate_token` or `invalid_option` */
  add(tenantId: string, token: string, options: TokenOptions = {}): TokenRecord {
    checkToken(token);
    const digest = this.#digestNew(token);
    const { label, scopes = [] } = options;
    checkScopes(scopes);
    const expiresAt = toEpochMs(options.expiresAt);
    const record: TokenRecord = {
      tokenId: this.#newId(token),
      tenantId,
      digest,
      fingerprint: fingerprintOf(this.#digest, this.#keys, token),
      scopes: scopes.length === 0 ? NO_SCOPES : Object.freeze([...scopes]),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(label === undefined ? {} : { label }),
    };
    this.#store(new Entry(digest, record));
    return record;
  }

  /** Looks a token up by its digest: one map access and one comparison in constant time. */
  find(digest: string): TokenRecord | undefined {
    return this.lookUp(digest)?.record;
  }

  /** The same, with who calls with it, and when it stops being accepted because it was rotated. */
  lookUp(digest: string): Readonly<Pick<Entry, 'record' | 'principal' | 'validUntil'>> | undefined {
    const entry = this.#entries.get(digest);
    if (entry === undefined || !equalTexts(entry.digest, digest)) return undefined;
    if (entry.validUntil !== undefined && entry.validUntil <= this.#clock.now()) {
      this.#forget(entry);
      return undefined;
    }
    return entry;
  }

  findToken(token: string): TokenRecord | undefined {
    return this.find(digestToken(this.#digest, this.#keys, token));
  }

  /**
   * Replaces a token. Its id, and so its sessions, stay; the old text is accepted for `graceMs` more.
   *
   * @throws `unknown_token`, `malformed_token` or `duplicate_token`
   */
  rotate(oldToken: string, newToken: string, graceMs: number): TokenRecord {
    const old = this.findToken(oldToken);
    if (old === undefined)
      throw coreError('unknown_token', 'The token to rotate is not registered. Add it first.');
    checkToken(newToken);
    const digest = this.#digestNew(newToken);
    const record: TokenRecord = {
      ...old,
      digest,
      fingerprint: fingerprintOf(this.#digest, this.#keys, newToken),
    };
    const until = this.#clock.now() + graceMs;
    for (const entry of this.#textsOf(old.tokenId)) {
      entry.record = record;
      entry.validUntil = Math.min(entry.validUntil ?? until, until);
      if (entry.validUntil <= this.#clock.now()) this.#forget(entry);
    }
    this.#store(new Entry(digest, record));
    return record;
  }

  /** Forgets a token and every text it is still accepted under. */
  remove(tokenId: string): TokenRecord | undefined {
    const texts = this.#textsOf(tokenId);
    for (const entry of texts) this.#forget(entry);
    return texts[0]?.record;
  }

  /** Forgets all tokens of a tenant. */
  removeAll(tenantId: string): TokenRecord[] {
    const ids = [...(this.#ofTenant.get(tenantId) ?? [])];
    return ids.flatMap((id) => this.remove(id) ?? []);
  }

  get size(): number {
    return this.#ofToken.size;
  }

  /**
   * The same for the same token and the same keys, so that processes that share keys know their callers alike; unless that
   * id stayed with another token, which this one was rotated to.
   */
  #newId(token: string): string {
    const own = `tok_${toHex(this.#digest(this.#keys.tokenId, token).subarray(0, TOKEN_ID_BYTES))}`;
    return this.#ofToken.has(own) ? `tok_${toHex(this.#randomBytes(TOKEN_ID_BYTES))}` : own;
  }

  #digestNew(token: string): string {
    const digest = digestToken(this.#digest, this.#keys, token);
    if (this.find(digest) !== undefined) {
      throw coreError(
        'duplicate_token',
        'The token is registered already. Use updateToken() or rotateToken(), or remove it first.',
      );
    }
    return digest;
  }

  #store(entry: Entry): void {
    const { tokenId, tenantId } = entry.record;
    entry.replaced = this.#ofToken.get(tokenId);
    this.#entries.set(entry.digest, entry);
    this.#ofToken.set(tokenId, entry);
    addTo(this.#ofTenant, tenantId, tokenId);
  }

  /** Every text that a token is accepted under, the newest first. */
  #textsOf(tokenId: string): Entry[] {
    const texts: Entry[] = [];
    for (let text = this.#ofToken.get(tokenId); text !== undefined; text = text.replaced) texts.push(text);
    return texts;
  }

  #forget(entry: Entry): void {
    this.#entries.delete(entry.digest);
    const { tokenId, tenantId } = entry.record;
    const newest = this.#ofToken.get(tokenId);
    if (newest === undefined) return;
    if (newest !== entry) {
      for (const text of this.#textsOf(tokenId)) if (text.replaced === entry) text.replaced = entry.replaced;
      return;
    }
    if (entry.replaced !== undefined) {
      this.#ofToken.set(tokenId, entry.replaced);
      return;
    }
    this.#ofToken.delete(tokenId);
    removeFrom(this.#ofTenant, tenantId, tokenId);
  }
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

function removeFrom(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}

function checkScopes(scopes: unknown): void {
  if (Array.isArray(scopes) && scopes.every((scope) => typeof scope === 'string')) return;
  throw coreError('invalid_option', 'scopes must be an array of texts.');
}

function toEpochMs(expiresAt: Date | number | undefined): number | undefined {
  if (expiresAt === undefined) return undefined;
  const ms = expiresAt instanceof Date ? expiresAt.getTime() : expiresAt;
  if (typeof ms !== 'number' || !Number.isFinite(ms)) {
    throw coreError('invalid_option', 'expiresAt must be a date or milliseconds since the epoch.');
  }
  return ms;
}
