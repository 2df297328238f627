import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, resolveLimits, resolveTenantLimits } from '../../src/limits/limits.js';
import { TokenBucket } from '../../src/limits/token-bucket.js';

describe('limits', () => {
  it('have the documented defaults', () => {
    expect(resolveLimits(undefined)).toEqual({
      sessions: 100,
      initializeBurst: 200,
      initializePerSecond: 50,
      calls: 32,
      streams: 200,
      listens: 200,
      parkedCalls: 32,
      streamsPerSession: 4,
      tenantQueuedBytes: 33_554_432,
      bodyBytes: 1_048_576,
      callMs: Infinity,
      totalSessions: 10_000,
      totalCalls: 10_000,
      totalStreams: 20_000,
      totalQueuedBytes: 268_435_456,
      batchMessages: 20,
      queuedBytes: 1_048_576,
      factoryMs: 10_000,
    });
  });

  it('take what is given and keep the rest', () => {
    expect(resolveLimits({ sessions: 5 })).toEqual({ ...DEFAULT_LIMITS, sessions: 5 });
    expect(resolveTenantLimits(DEFAULT_LIMITS, { calls: 1 })).toEqual({
      sessions: 100,
      initializeBurst: 200,
      initializePerSecond: 50,
      calls: 1,
      streams: 200,
      listens: 200,
      parkedCalls: 32,
      streamsPerSession: 4,
      tenantQueuedBytes: 33_554_432,
      bodyBytes: 1_048_576,
      callMs: Infinity,
    });
  });

  it.each([0, -1, Number.NaN, '5'])('refuse %s', (value) => {
    expect(() => resolveLimits({ sessions: value as number })).toThrow(
      /limits\.sessions must be a number above 0/,
    );
  });

  it('refuse a name that does not exist, and list those that do', () => {
    expect(() => resolveLimits({ session: 5 } as never)).toThrow(/limits\.session is unknown.*sessions/);
    expect(() => resolveTenantLimits(DEFAULT_LIMITS, { totalSessions: 5 } as never)).toThrow(/unknown/);
  });
});

describe('TokenBucket', () => {
  it('gives a burst, then one at a time, and says how long to wait', () => {
    const bucket = new TokenBucket(2, 0);
    expect(bucket.take(0, 2, 10)).toBe(0);
    expect(bucket.take(0, 2, 10)).toBe(0);
    expect(bucket.take(0, 2, 10)).toBe(100);
    expect(bucket.take(50, 2, 10)).toBeCloseTo(50);
    expect(bucket.take(100, 2, 10)).toBe(0);
  });

  it('never holds more than a burst', () => {
    const bucket = new TokenBucket(2, 0);
    bucket.take(1_000_000, 2, 10);
    bucket.take(1_000_000, 2, 10);
    expect(bucket.take(1_000_000, 2, 10)).toBeGreaterThan(0);
  });
});
