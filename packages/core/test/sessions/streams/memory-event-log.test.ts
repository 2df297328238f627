import { beforeEach, describe, expect, it } from 'vitest';
import type { StorePlace } from '../../../src/sessions/stores/store-place.js';
import type { EventLog } from '../../../src/sessions/streams/event-log.js';
import {
  memoryEventLog,
  type MemoryEventLogOptions,
} from '../../../src/sessions/streams/memory-event-log.js';
import { FakeTime } from '../../helpers/fake-platform.js';

const ACME: StorePlace = { tenantId: 'acme', session: 'one' };
const MEBIBYTE = 1_048_576;

let time: FakeTime;

beforeEach(() => {
  time = new FakeTime();
});

function make(options: Omit<MemoryEventLogOptions, 'clock' | 'timers'> = {}): EventLog {
  return memoryEventLog({ ...options, clock: time, timers: time });
}

/** Keeps events of one stream, numbered on from `first`, each of the same size. */
function fill(
  log: EventLog,
  count: number,
  { place = ACME, stream = 'g1', bytes = 1, first = 1 }: FillOptions = {},
): void {
  for (let seq = first; seq < first + count; seq += 1) {
    void log.append(place, { stream, seq, data: `${stream} ${String(seq)}` }, bytes);
  }
}

interface FillOptions {
  readonly place?: StorePlace;
  readonly stream?: string;
  readonly bytes?: number;
  readonly first?: number;
}

async function numbers(log: EventLog, place = ACME, stream = 'g1', after = 0): Promise<number[]> {
  return (await log.read(place, stream, after)).map(({ seq }) => seq);
}

describe('memoryEventLog: what is kept', () => {
  it('gives what came after a number, in order and unchanged', async () => {
    const log = make();
    fill(log, 5);
    expect(await log.read(ACME, 'g1', 3)).toMatchObject([
      { stream: 'g1', seq: 4, data: 'g1 4' },
      { stream: 'g1', seq: 5, data: 'g1 5' },
    ]);
    expect(await numbers(log, ACME, 'g1', 0)).toEqual([1, 2, 3, 4, 5]);
    expect(await numbers(log, ACME, 'g1', 5)).toEqual([]);
    expect(await numbers(log, ACME, 'g1', 99)).toEqual([]);
  });

  it('keeps streams, sessions and tenants apart, also where they have the same names', async () => {
    const log = make();
    const sibling = { tenantId: 'acme', session: 'two' };
    const foreign = { tenantId: 'globex', session: 'one' };
    fill(log, 2);
    fill(log, 3, { stream: 'g2' });
    fill(log, 4, { place: sibling });
    fill(log, 5, { place: foreign });
    expect(await numbers(log)).toHaveLength(2);
    expect(await numbers(log, ACME, 'g2')).toHaveLength(3);
    expect(await numbers(log, sibling)).toHaveLength(4);
    expect(await numbers(log, foreign)).toHaveLength(5);
    expect(await numbers(log, sibling, 'g2')).toEqual([]);
    expect(await numbers(log, { tenantId: '__proto__', session: 'constructor' }, 'toString')).toEqual([]);
  });

  it('forgets a session and nothing beside it', async () => {
    const log = make();
    const sibling = { tenantId: 'acme', session: 'two' };
    fill(log, 2);
    fill(log, 2, { stream: 'p1' });
    fill(log, 2, { place: sibling });
    void log.forget(ACME);
    expect(await numbers(log)).toEqual([]);
    expect(await numbers(log, ACME, 'p1')).toEqual([]);
    expect(await numbers(log, sibling)).toEqual([1, 2]);
    void log.forget(ACME);
    void log.forget({ tenantId: 'nobody', session: 'none' });
    expect(await numbers(log, sibling)).toEqual([1, 2]);
  });

  it('does not change what it has given out when more is kept or old events give way', async () => {
    const log = make({ eventsPerStream: 2 });
    fill(log, 2);
    const given = await log.read(ACME, 'g1', 0);
    fill(log, 2, { first: 3 });
    expect(given.map(({ seq }) => seq)).toEqual([1, 2]);
  });
});

describe('memoryEventLog: bounds', () => {
  it('keeps 1,000 events of a stream where nothing else is said', async () => {
    const log = make();
    fill(log, 1000);
    expect(await numbers(log)).toHaveLength(1000);
    fill(log, 1, { first: 1001 });
    const kept = await numbers(log);
    expect(kept).toHaveLength(1000);
    expect([kept[0], kept.at(-1)]).toEqual([2, 1001]);
  });

  it('keeps 1 MiB of a stream where nothing else is said, to the byte', async () => {
    const log = make();
    fill(log, 4, { bytes: MEBIBYTE / 4 });
    expect(await numbers(log)).toEqual([1, 2, 3, 4]);
    fill(log, 1, { bytes: 1, first: 5 });
    expect(await numbers(log)).toEqual([2, 3, 4, 5]);
  });

  it('keeps 64 MiB of a tenant where nothing else is said, to the byte', async () => {
    const log = make();
    for (let session = 0; session < 64; session += 1) {
      fill(log, 1, { place: { tenantId: 'acme', session: String(session) }, bytes: MEBIBYTE });
    }
    expect(await numbers(log, { tenantId: 'acme', session: '0' })).toEqual([1]);
    fill(log, 1, { place: { tenantId: 'acme', session: 'last' }, bytes: 1 });
    expect(await numbers(log, { tenantId: 'acme', session: '0' })).toEqual([]);
    expect(await numbers(log, { tenantId: 'acme', session: '1' })).toEqual([1]);
    expect(await numbers(log, { tenantId: 'acme', session: 'last' })).toEqual([1]);
  });

  it('counts the bounds of a stream for each stream', async () => {
    const log = make({ eventsPerStream: 3, bytesPerStream: 10 });
    fill(log, 3);
    fill(log, 3, { stream: 'g2' });
    fill(log, 3, { place: { tenantId: 'acme', session: 'two' } });
    expect(await numbers(log)).toEqual([1, 2, 3]);
    fill(log, 2, { stream: 'g2', bytes: 5, first: 4 });
    expect(await numbers(log, ACME, 'g2')).toEqual([4, 5]);
    expect(await numbers(log)).toEqual([1, 2, 3]);
  });

  it('lets the oldest events of a tenant give way, whichever stream they are of, and no other tenant’s', async () => {
    const log = make({ bytesPerTenant: 100 });
    const sibling = { tenantId: 'acme', session: 'two' };
    const foreign = { tenantId: 'globex', session: 'one' };
    fill(log, 1, { place: foreign, bytes: 100 });
    fill(log, 1, { bytes: 40 });
    fill(log, 1, { place: sibling, bytes: 40 });
    fill(log, 1, { bytes: 20, first: 2 });
    expect(await numbers(log)).toEqual([1, 2]);
    fill(log, 1, { place: sibling, bytes: 10, first: 2 });
    expect(await numbers(log)).toEqual([2]);
    expect(await numbers(log, sibling)).toEqual([1, 2]);
    fill(log, 1, { bytes: 60, first: 3 });
    expect(await numbers(log, sibling)).toEqual([2]);
    expect(await numbers(log)).toEqual([2, 3]);
    expect(await numbers(log, foreign)).toEqual([1]);
  });

  it('does not keep an event that is larger than all that may be kept, nor anything before it', async () => {
    const log = make({ bytesPerStream: 10 });
    fill(log, 3, { bytes: 3 });
    fill(log, 1, { bytes: 11, first: 4 });
    expect(await numbers(log)).toEqual([]);
    fill(log, 1, { bytes: 10, first: 5 });
    expect(await numbers(log)).toEqual([5]);
  });

  it('has room again when a session is forgotten', async () => {
    const log = make({ bytesPerTenant: 100 });
    const sibling = { tenantId: 'acme', session: 'two' };
    fill(log, 1, { bytes: 90 });
    void log.forget(ACME);
    fill(log, 2, { place: sibling, bytes: 50 });
    expect(await numbers(log, sibling)).toEqual([1, 2]);
  });

  it.each(['eventsPerStream', 'bytesPerStream', 'bytesPerTenant', 'ageMs'])(
    'refuses a value of %s that is not a number above 0',
    (name) => {
      for (const value of [0, -1, Number.NaN, '5', true, {}]) {
        expect(() => memoryEventLog({ [name]: value }), JSON.stringify(value)).toThrow(
          /number above 0[^]*invalid_option/,
        );
      }
    },
  );

  it.each([
    ['eventsPerStream', 1001, 1],
    ['bytesPerStream', 2, 600_000],
    ['bytesPerTenant', 65, MEBIBYTE],
  ])('takes the default for %s when it is undefined', async (name, count, bytes) => {
    const log = make({ [name]: undefined });
    let kept = 0;
    for (let number = 0; number < count; number += 1) {
      const session = name === 'bytesPerTenant' ? String(number) : 'one';
      fill(log, 1, { place: { tenantId: 'acme', session }, bytes, first: number + 1 });
    }
    for (let number = 0; number < count; number += 1) {
      const session = name === 'bytesPerTenant' ? String(number) : 'one';
      kept += (await numbers(log, { tenantId: 'acme', session }, 'g1', number)).includes(number + 1) ? 1 : 0;
    }
    expect(kept).toBe(count - 1);
  });
});

describe('memoryEventLog: age and timer', () => {
  it('keeps events for five minutes where nothing else is said, to the millisecond', async () => {
    const log = make();
    fill(log, 1);
    await time.advance(100);
    fill(log, 1, { first: 2 });
    await time.advance(299_899);
    expect(await numbers(log)).toEqual([1, 2]);
    await time.advance(1);
    expect(await numbers(log)).toEqual([2]);
    await time.advance(100);
    expect(await numbers(log)).toEqual([]);
  });

  it('has no timer before there is an event, one for all, and none when all are forgotten', () => {
    const log = make();
    expect(time.pending).toBe(0);
    fill(log, 3);
    fill(log, 3, { place: { tenantId: 'globex', session: 'one' } });
    expect(time.pending).toBe(1);
    void log.forget(ACME);
    expect(time.pending).toBe(1);
    void log.forget({ tenantId: 'globex', session: 'one' });
    expect(time.pending).toBe(0);
    fill(log, 1);
    expect(time.pending).toBe(1);
  });

  it('lets go of what has grown too old without being asked, and then of the timer', async () => {
    const log = make({ ageMs: 1000 });
    fill(log, 3);
    await time.advance(500);
    fill(log, 1, { place: { tenantId: 'globex', session: 'one' } });
    await time.advance(600);
    expect(time.pending).toBe(1);
    await time.advance(500);
    expect(time.pending).toBe(0);
    expect(await numbers(log)).toEqual([]);
  });

  it('has no timer for long when the only event was too large to be kept', async () => {
    const log = make({ bytesPerStream: 10, ageMs: 1000 });
    fill(log, 1, { bytes: 11 });
    await time.advance(100);
    expect(time.pending).toBe(0);
  });

  // The platform's timers count to 2,147,483,647 ms; what is longer runs at once, again and again.
  it.each([Infinity, 1e12])(
    'does not set a timer that cannot wait so long, for an age of %d ms',

    (ageMs) => {
      const delays: number[] = [];
      const setInterval = (_run: () => void, delayMs: number): number => delays.push(delayMs);
      const ignore = (): undefined => undefined;
      const timers = { setTimeout: ignore, clearTimeout: ignore, setInterval, clearInterval: ignore };
      const log = memoryEventLog({ ageMs, clock: time, timers });
      fill(log, 1);
      for (const delay of delays) expect(delay).toBeLessThanOrEqual(2_147_483_647);
    },
  );

  it('counts the age of each event from its own time, whatever was forgotten in between', async () => {
    const log = make({ ageMs: 1000 });
    const sessions = Array.from({ length: 20 }, (_, index) => ({ tenantId: 'acme', session: String(index) }));
    for (const place of sessions) {
      fill(log, 1, { place });
      await time.advance(10);
    }
    for (const place of sessions.filter((_, index) => index % 2 === 0)) void log.forget(place);
    await time.advance(1000 - 110);
    // 1,090 ms have passed: of the odd ones, those up to number 9 are 1,000 ms old.
    for (const [index, place] of sessions.entries()) {
      expect(await numbers(log, place), String(index)).toEqual(index % 2 === 1 && index > 9 ? [1] : []);
    }
  });
});
