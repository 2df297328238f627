import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StorePlace } from '../../src/sessions/stores/store-place.js';
import type { EventLog } from '../../src/sessions/streams/event-log.js';
import { memoryEventLog } from '../../src/sessions/streams/memory-event-log.js';
import { FakeTime } from '../helpers/fake-platform.js';
import { checkProperty } from './helpers/check-property.js';

const BOUNDS = { eventsPerStream: 5, bytesPerStream: 100, bytesPerTenant: 250, ageMs: 1000 };

interface Kept {
  readonly tenantId: string;
  readonly session: string;
  readonly stream: string;
  readonly seq: number;
  readonly bytes: number;
  readonly at: number;
}

/** One list of all events, from which everything is worked out anew each time. */
class NaiveLog {
  #events: Kept[] = [];

  append(event: Kept): void {
    this.#events.push(event);
    const ofStream = (): Kept[] => this.#events.filter((other) => isSameStream(other, event));
    while (ofStream().length > BOUNDS.eventsPerStream || bytesOf(ofStream()) > BOUNDS.bytesPerStream) {
      this.#drop(ofStream()[0]);
    }
    const ofTenant = (): Kept[] => this.#events.filter(({ tenantId }) => tenantId === event.tenantId);
    while (bytesOf(ofTenant()) > BOUNDS.bytesPerTenant) this.#drop(ofTenant()[0]);
  }

  read(place: StorePlace, stream: string, { after, now }: { after: number; now: number }): number[] {
    return this.#events
      .filter((event) => isSameStream(event, { ...place, stream }))
      .filter(({ seq, at }) => seq > after && now - at < BOUNDS.ageMs)
      .map(({ seq }) => seq);
  }

  forget(place: StorePlace): void {
    this.#events = this.#events.filter(
      ({ tenantId, session }) => tenantId !== place.tenantId || session !== place.session,
    );
  }

  /** What has grown too old is gone for good, and makes room. */
  forgetOld(now: number): void {
    this.#events = this.#events.filter(({ at }) => now - at < BOUNDS.ageMs);
  }

  get size(): number {
    return this.#events.length;
  }

  #drop(event: Kept | undefined): void {
    this.#events = this.#events.filter((other) => other !== event);
  }
}

type StreamName = Pick<Kept, 'tenantId' | 'session' | 'stream'>;

const isSameStream = (one: StreamName, other: StreamName): boolean =>
  one.tenantId === other.tenantId && one.session === other.session && one.stream === other.stream;

const bytesOf = (events: readonly Kept[]): number => events.reduce((sum, { bytes }) => sum + bytes, 0);

interface Pair {
  readonly model: NaiveLog;
  readonly log: EventLog;
  readonly time: FakeTime;
}

const TENANTS = ['a', 'b'];
const SESSIONS = ['one', 'two', 'three'];
const STREAMS = ['g1', 'g2', 'p1'];

const place = fc.record({ tenantId: fc.constantFrom(...TENANTS), session: fc.constantFrom(...SESSIONS) });

const appending = fc
  .tuple(place, fc.constantFrom(...STREAMS), fc.integer({ min: 1, max: 120 }))
  .map(([where, stream, bytes]) => ({
    toString: () => `append ${where.tenantId}/${where.session}/${stream} ${String(bytes)}`,
    run: ({ model, log, time }: Pair, seq: number): void => {
      model.forgetOld(time.monotonic());
      model.append({ ...where, stream, seq, bytes, at: time.monotonic() });
      void log.append(where, { stream, seq, data: '' }, bytes);
    },
  }));

const forgetting = place.map((where) => ({
  toString: () => `forget ${where.tenantId}/${where.session}`,
  run: ({ model, log }: Pair): void => {
    model.forget(where);
    void log.forget(where);
  },
}));

const waiting = fc.constantFrom(1, 99, 100, 500, 999, 1000, 1001).map((ms) => ({
  toString: () => `wait ${String(ms)}`,
  run: ({ time }: Pair): Promise<void> => time.advance(ms),
}));

const step = fc.oneof(
  { weight: 8, arbitrary: appending },
  { weight: 1, arbitrary: forgetting },
  { weight: 2, arbitrary: waiting },
);

async function expectSame({ model, log, time }: Pair, after: number): Promise<void> {
  for (const tenantId of TENANTS) {
    for (const session of SESSIONS) {
      for (const stream of STREAMS) {
        const kept = await log.read({ tenantId, session }, stream, after);
        const expected = model.read({ tenantId, session }, stream, { after, now: time.monotonic() });
        expect(kept.map(({ seq }) => seq)).toEqual(expected);
      }
    }
  }
}

describe('The event log in memory and a naive one', () => {
  it('keep the same events, whatever is kept, forgotten and waited for', { timeout: 60_000 }, async () => {
    const steps = fc.array(step, { size: 'max', maxLength: 200 });
    const property = fc.asyncProperty(steps, async (all) => {
      const time = new FakeTime();
      const log = memoryEventLog({ ...BOUNDS, clock: time, timers: time });
      const pair: Pair = { model: new NaiveLog(), log, time };
      for (const [index, { run }] of all.entries()) {
        await run(pair, index + 1);
        await expectSame(pair, index % 7 === 0 ? index - 3 : 0);
        pair.model.forgetOld(time.monotonic());
        if (pair.model.size > 0) expect(time.pending).toBe(1);
      }
      await time.advance(BOUNDS.ageMs * 2);
      expect(time.pending).toBe(0);
    });
    await checkProperty(property, { runs: 100 });
  });
});
