import { beforeEach, describe, expect, it } from 'vitest';
import { Heartbeat } from '../../src/shared/heartbeat.js';
import { FakeTime } from '../helpers/fake-platform.js';

let time: FakeTime;
let heartbeat: Heartbeat;

beforeEach(() => {
  time = new FakeTime();
  const intervals = { keepAliveMs: 15_000, upgradeAfterMs: 5000, idleMs: 1_800_000 };
  heartbeat = new Heartbeat({ timers: time, clock: time }, intervals);
});

describe('Heartbeat', () => {
  it('runs no timer while there is nothing to look after, and one for everything else', () => {
    expect(time.pending).toBe(0);
    const streams = Array.from({ length: 10 }, () => ({ keepAlive: () => undefined }));
    for (const stream of streams) heartbeat.watchStream(stream);
    expect(time.pending).toBe(1);
    for (const stream of streams) heartbeat.unwatchStream(stream);
    expect(time.pending).toBe(0);
  });

  it('keeps streams alive at the interval', async () => {
    let comments = 0;
    heartbeat.watchStream({
      keepAlive: () => {
        comments += 1;
      },
    });
    await time.advance(14_000);
    expect(comments).toBe(0);
    await time.advance(2000);
    expect(comments).toBe(1);
    await time.advance(45_000);
    expect(comments).toBe(4);
  });

  it('upgrades an answer once, when it is late, and then stops by itself', async () => {
    let upgrades = 0;
    heartbeat.watchAnswer({
      startedAt: time.monotonic(),
      upgrade: () => {
        upgrades += 1;
      },
    });
    await time.advance(4000);
    expect(upgrades).toBe(0);
    await time.advance(2000);
    expect(upgrades).toBe(1);
    expect(time.pending).toBe(0);
  });

  it('lets sessions be swept and stops for good when closed', async () => {
    let sweeps = 0;
    heartbeat.watchSessions({
      sweep: () => {
        sweeps += 1;
      },
    });
    await time.advance(3000);
    expect(sweeps).toBe(3);
    heartbeat.close();
    await time.advance(3000);
    expect(sweeps).toBe(3);
    expect(time.pending).toBe(0);
  });
});
