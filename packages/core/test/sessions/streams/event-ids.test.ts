import { describe, expect, it } from 'vitest';
import { deriveKeys, portableDigest } from '../../../src/keys/keys.js';
import { EventIds } from '../../../src/sessions/streams/event-ids.js';

const SESSION = { tenantId: 'acme', sessionId: 'session-one' };
const POSITION = { stream: 'g1', seq: 42 };

const keyOf = (secret: string): Uint8Array =>
  deriveKeys({ secret: secret.padEnd(32, '.') }, () => new Uint8Array()).eventId;

interface Given {
  readonly session?: { readonly tenantId: string; readonly sessionId: string };
  readonly secret?: string;
  readonly epoch?: number;
}

/** Event ids whose epoch is made of the same byte. */
function make({ session = SESSION, secret = 'secret', epoch = 1 }: Given = {}): EventIds {
  const randomBytes = (length: number): Uint8Array => new Uint8Array(length).fill(epoch);
  return new EventIds({ digest: portableDigest, key: keyOf(secret), randomBytes }, session);
}

const ALPHABET = 'ABCxyz019-_.';

describe('EventIds', () => {
  it.each([
    { stream: 'g1', seq: 0 },
    { stream: 'g1', seq: 1 },
    { stream: 'pzz', seq: 999_999_999_999_999 },
    { stream: 'g1a2b3c4d5e', seq: 7 },
  ])('understands the id it made of $stream and $seq', (position) => {
    const ids = make();
    expect(ids.parse(ids.of(position))).toEqual(position);
  });

  it('makes ids of visible ASCII, in four parts, that fit into a header and a line', () => {
    const id = make().of(POSITION);
    expect(id).toMatch(/^[\w-]{6}\.g1\.42\.[\w-]{16}$/);
  });

  it('makes the same id of the same place, and another of each other', () => {
    const ids = make();
    expect(ids.of(POSITION)).toBe(ids.of(POSITION));
    const others = [
      { ...POSITION, seq: 4 },
      { ...POSITION, seq: 2 },
      { ...POSITION, stream: 'p1' },
    ];
    const macs = [POSITION, ...others].map((position) => ids.of(position).split('.')[3]);
    expect(new Set(macs).size).toBe(4);
  });

  it('understands none in which any one character was changed, added or left out', () => {
    const ids = make();
    const id = ids.of(POSITION);
    let tried = 0;
    for (let index = 0; index <= id.length; index += 1) {
      const forged = new Set([id.slice(0, index) + id.slice(index + 1)]);
      for (const character of ALPHABET) {
        forged.add(id.slice(0, index) + character + id.slice(index + 1));
        forged.add(id.slice(0, index) + character + id.slice(index));
      }
      forged.delete(id);
      for (const one of forged) {
        tried += 1;
        expect(ids.parse(one), one).toBeUndefined();
      }
    }
    expect(tried).toBeGreaterThan(700);
    expect(ids.parse(id)).toEqual(POSITION);
  });

  it('understands none whose parts come from several ids', () => {
    const ids = make();
    const one = ids.of(POSITION).split('.');
    const others = [
      ids.of({ ...POSITION, seq: 43 }),
      ids.of({ stream: 'p1', seq: 42 }),
      make({ epoch: 2 }).of(POSITION),
      make({ session: { ...SESSION, sessionId: 'session-two' } }).of(POSITION),
    ].map((id) => id.split('.'));
    for (const other of others) {
      for (let mask = 1; mask < 15; mask += 1) {
        const mixed = one.map((part, index) => ((mask >> index) & 1 ? other[index] : part)).join('.');
        if (mixed === one.join('.') || ids.parse(mixed) === undefined) continue;
        // Only an id that was really given out may be understood.
        expect(ids.of(ids.parse(mixed) ?? POSITION)).toBe(mixed);
        expect(others.map((parts) => parts.join('.'))).toContain(mixed);
      }
    }
  });

  it.each<[string, Given]>([
    ['session', { session: { tenantId: 'acme', sessionId: 'session-two' } }],
    ['tenant', { session: { tenantId: 'globex', sessionId: 'session-one' } }],
    ['process', { epoch: 2 }],
    ['key', { secret: 'other secret' }],
  ])('understands none of another %s, and its own are not understood there', (_what, given) => {
    const ids = make();
    const others = make(given);
    expect(ids.parse(others.of(POSITION))).toBeUndefined();
    expect(others.parse(ids.of(POSITION))).toBeUndefined();
    expect(others.parse(others.of(POSITION))).toEqual(POSITION);
  });

  it.each([
    '',
    '.',
    '...',
    'AQEBAQ.g1.42',
    'AQEBAQ.g1.042.AAAAAAAAAAAAAAAA',
    'AQEBAQ.g1.4e1.AAAAAAAAAAAAAAAA',
    'AQEBAQ.g1.-1.AAAAAAAAAAAAAAAA',
    'AQEBAQ.g1.9999999999999999.AAAAAAAAAAAAAAAA',
    `${'A'.repeat(100_000)}.g1.1.AAAAAAAAAAAAAAAA`,
    '\u0000',
    'g1\n42',
  ])('understands nothing in %j', (text) => {
    expect(make().parse(text)).toBeUndefined();
  });

  it('ignores neither space nor a line end around an id', () => {
    const ids = make();
    const id = ids.of(POSITION);
    for (const text of [` ${id}`, `${id} `, `${id}\n`, `\n${id}`, `${id}\r`]) {
      expect(ids.parse(text), JSON.stringify(text)).toBeUndefined();
    }
  });
});
