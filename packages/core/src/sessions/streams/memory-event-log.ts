import { coreError } from '../../errors/core-error.js';
import { systemClock, systemTimers, type Clock, type Timers } from '../../shared/platform.js';
import type { StorePlace } from '../stores/store-place.js';
import type { EventLog, LoggedEvent } from './event-log.js';

/** Bounds of a log in memory, and what it tells the time by. */
export interface MemoryEventLogOptions {
  /** Events of one stream. @default 1000 */
  readonly eventsPerStream?: number;
  /** Bytes of one stream. @default 1048576 (1 MiB) */
  readonly bytesPerStream?: number;
  /** Bytes of all streams of a tenant. @default 67108864 (64 MiB) */
  readonly bytesPerTenant?: number;
  /** Milliseconds that an event is kept. @default 300000 (5 min) */
  readonly ageMs?: number;
  /** Tells the time. Default: the platform's clock. */
  readonly clock?: Clock;
  /** Calls back later. Default: the platform's timers. */
  readonly timers?: Timers;
}

interface Entry extends LoggedEvent {
  readonly bytes: number;
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly log: StreamLog;
  /** Given way, or forgotten with its session. */
  dropped: boolean;
}

interface StreamLog {
  readonly session: string;
  readonly stream: string;
  readonly entries: Entry[];
  bytes: number;
}

type SessionLog = Map<string, StreamLog>;

const DEFAULTS = {
  eventsPerStream: 1000,
  bytesPerStream: 1_048_576,
  bytesPerTenant: 67_108_864,
  ageMs: 300_000,
};

/** How often events that have grown too old are looked for, as a part of their age. */
const SWEEPS_PER_AGE = 10;

/** What is longer, timers take for no time at all. */
const LONGEST_INTERVAL_MS = 2 ** 31 - 1;

/**
 * A log in memory, gone with the process. It has a timer only while it holds events.
 *
 * @throws `invalid_option` for a bound that is not a number above 0
 */
export function memoryEventLog(options: MemoryEventLogOptions = {}): EventLog {
  const bounds = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    const value = options[name] ?? DEFAULTS[name];
    if (!(typeof value === 'number' && value > 0)) {
      throw coreError('invalid_option', `${name} of the event log must be a number above 0.`);
    }
    bounds[name] = value;
  }
  const { clock = systemClock, timers = systemTimers } = options;
  return new MemoryEventLog({ ...bounds, clock, timers });
}

class MemoryEventLog implements EventLog {
  readonly #bounds: Required<MemoryEventLogOptions>;
  readonly #tenants = new Map<string, TenantLog>();
  #timer: unknown;

  constructor(bounds: Required<MemoryEventLogOptions>) {
    this.#bounds = bounds;
  }

  append({ tenantId, session }: StorePlace, event: LoggedEvent, bytes: number): void {
    let tenant = this.#tenants.get(tenantId);
    if (tenant === undefined) {
      tenant = new TenantLog(this.#bounds);
      this.#tenants.set(tenantId, tenant);
    }
    tenant.append(session, event, { bytes, at: this.#bounds.clock.monotonic() });
    const { ageMs, timers } = this.#bounds;
    if (ageMs === Infinity) return;
    this.#timer ??= timers.setInterval(
      () => {
        this.#sweep();
      },
      Math.min(ageMs / SWEEPS_PER_AGE, LONGEST_INTERVAL_MS),
    );
  }

  read({ tenantId, session }: StorePlace, stream: string, after: number): readonly LoggedEvent[] {
    const tenant = this.#tenants.get(tenantId);
    tenant?.dropOlderThan(this.#oldest());
    return tenant?.read(session, stream, after) ?? [];
  }

  forget({ tenantId, session }: StorePlace): void {
    const tenant = this.#tenants.get(tenantId);
    tenant?.forget(session);
    this.#release(tenantId, tenant);
  }

  #sweep(): void {
    for (const [tenantId, tenant] of this.#tenants) {
      tenant.dropOlderThan(this.#oldest());
      this.#release(tenantId, tenant);
    }
  }

  #oldest(): number {
    return this.#bounds.clock.monotonic() - this.#bounds.ageMs;
  }

  /** Lets go of a tenant of whom nothing is kept, and of the timer when nothing is kept at all. */
  #release(tenantId: string, tenant: TenantLog | undefined): void {
    if (tenant?.empty === true) this.#tenants.delete(tenantId);
    if (this.#tenants.size > 0 || this.#timer === undefined) return;
    this.#bounds.timers.clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** The events of one tenant: by session and stream, and once more in the order they came, which is that of their age. */
class TenantLog {
  readonly #sessions = new Map<string, SessionLog>();
  readonly #bounds: Required<MemoryEventLogOptions>;
  #byAge: Entry[] = [];
  /** Where the ones that are kept begin; what is before is dropped already. */
  #start = 0;
  #dropped = 0;
  #bytes = 0;

  constructor(bounds: Required<MemoryEventLogOptions>) {
    this.#bounds = bounds;
  }

  get empty(): boolean {
    return this.#sessions.size === 0;
  }

  append(session: string, event: LoggedEvent, { bytes, at }: { bytes: number; at: number }): void {
    const { eventsPerStream, bytesPerStream, bytesPerTenant, ageMs } = this.#bounds;
    const log = this.#logOf(session, event.stream);
    const { stream, seq, data } = event;
    const entry: Entry = { stream, seq, data, bytes, at, log, dropped: false };
    log.entries.push(entry);
    log.bytes += bytes;
    this.#byAge.push(entry);
    this.#bytes += bytes;
    while (log.entries.length > eventsPerStream || log.bytes > bytesPerStream) this.#drop(log.entries[0]);
    while (this.#bytes > bytesPerTenant) this.#dropOldest();
    this.dropOlderThan(at - ageMs);
  }

  read(session: string, stream: string, after: number): readonly LoggedEvent[] {
    const entries = this.#sessions.get(session)?.get(stream)?.entries ?? [];
    return entries.filter(({ seq }) => seq > after);
  }

  forget(session: string): void {
    const logs = [...(this.#sessions.get(session)?.values() ?? [])];
    for (const entry of logs.flatMap(({ entries }) => [...entries])) this.#drop(entry);
  }

  dropOlderThan(at: number): void {
    for (let entry = this.#byAge[this.#start]; entry !== undefined; entry = this.#byAge[this.#start]) {
      if (!entry.dropped && entry.at > at) break;
      this.#dropOldest();
    }
  }

  #logOf(session: string, stream: string): StreamLog {
    const streams: SessionLog = this.#sessions.get(session) ?? new Map<string, StreamLog>();
    this.#sessions.set(session, streams);
    const log: StreamLog = streams.get(stream) ?? { session, stream, entries: [], bytes: 0 };
    streams.set(stream, log);
    return log;
  }

  #dropOldest(): void {
    const entry = this.#byAge[this.#start];
    this.#start += 1;
    this.#drop(entry);
    this.#compact();
  }

  #drop(entry: Entry | undefined): void {
    if (entry === undefined || entry.dropped) return;
    entry.dropped = true;
    this.#dropped += 1;
    const { log } = entry;
    log.entries.splice(log.entries.indexOf(entry), 1);
    log.bytes -= entry.bytes;
    this.#bytes -= entry.bytes;
    if (log.entries.length === 0) this.#forgetStream(log);
    this.#compact();
  }

  /** What was dropped must not stay in memory because of its place in the order. */
  #compact(): void {
    if (this.#dropped * 2 <= this.#byAge.length) return;
    this.#byAge = this.#byAge.slice(this.#start).filter(({ dropped }) => !dropped);
    this.#start = 0;
    this.#dropped = 0;
  }

  #forgetStream({ session, stream }: StreamLog): void {
    const streams = this.#sessions.get(session);
    streams?.delete(stream);
    if (streams?.size === 0) this.#sessions.delete(session);
  }
}
