import { digestText, type Digest } from '../../keys/keys.js';
import { toBase64Url } from '../../shared/base64url.js';
import type { RandomBytes } from '../../shared/platform.js';
import { equalTexts } from '../../shared/values.js';

/** A place in a stream: everything up to the event with that number. Events count from 1; 0 is the beginning. */
export interface EventPosition {
  readonly stream: string;
  readonly seq: number;
}

/** What event ids are made with. */
export interface EventIdParts {
  readonly digest: Digest;
  /** The key of this purpose; each session's own is derived from it. */
  readonly key: Uint8Array;
  readonly randomBytes: RandomBytes;
}

const EPOCH_BYTES = 4;
/** Characters of base64url: 96 bits. */
const MAC_LENGTH = 16;
const PATTERN = /^([\w-]+\.([a-z][0-9a-z]{1,10})\.(0|[1-9]\d{0,14}))\.([\w-]{16})$/;

/**
 * The event ids of one session: `epoch.stream.seq.mac`. The epoch is new each time the session is taken into a process,
 * so an id of another process means nothing here; the mac is keyed for the session, so an id of another session, or one
 * that was made up, means nothing either.
 */
export class EventIds {
  readonly #digest: Digest;
  readonly #key: Uint8Array;
  readonly #epoch: string;

  constructor(
    { digest, key, randomBytes }: EventIdParts,
    session: { readonly tenantId: string; readonly sessionId: string },
  ) {
    this.#digest = digest;
    // A session id holds no full stop, so no two sessions share a text.
    this.#key = digest(key, `${session.sessionId}.${session.tenantId}`);
    this.#epoch = toBase64Url(randomBytes(EPOCH_BYTES));
  }

  of({ stream, seq }: EventPosition): string {
    const text = `${this.#epoch}.${stream}.${String(seq)}`;
    return `${text}.${this.#mac(text)}`;
  }

  /** What an id means; undefined when this session has not given it out. */
  parse(id: string): EventPosition | undefined {
    const [, text, stream, seq, mac] = PATTERN.exec(id) ?? [];
    if (text === undefined || stream === undefined || mac === undefined) return undefined;
    if (!text.startsWith(`${this.#epoch}.`) || !equalTexts(mac, this.#mac(text))) return undefined;
    return { stream, seq: Number(seq) };
  }

  #mac(text: string): string {
    return digestText(this.#digest, this.#key, text).slice(0, MAC_LENGTH);
  }
}
