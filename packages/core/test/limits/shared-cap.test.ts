import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SharedCap, type Share } from '../../src/limits/shared-cap.js';
import { FakeTime } from '../helpers/fake-platform.js';

let time: FakeTime;

beforeEach(() => {
  time = new FakeTime();
});

const share = (giveWay?: () => boolean): Share => ({
  held: 0,
  ...(giveWay === undefined ? {} : { giveWay }),
});

/** Takes as many as wanted, one by one; returns how many there were. */
function take(cap: SharedCap, by: Share, wanted: number): number {
  let taken = 0;
  while (taken < wanted && cap.admits(by)) {
    cap.count(by, 1);
    taken += 1;
  }
  return taken;
}

describe('a cap that all tenants share', () => {
  it('lets one have everything while nobody else asks', () => {
    const cap = new SharedCap(10, time);
    const one = share();
    expect(take(cap, one, 20)).toBe(10);
    expect(one.held).toBe(10);
    cap.count(one, -3);
    expect(take(cap, one, 20)).toBe(3);
  });

  it('counts nothing by asking', () => {
    const cap = new SharedCap(2, time);
    const one = share();
    for (let times = 0; times < 5; times += 1) expect(cap.admits(one, 2)).toBe(true);
    expect(one.held).toBe(0);
    expect(cap.admits(one, 3)).toBe(false);
  });

  it('keeps one at half while another one that was refused may still want some', async () => {
    const cap = new SharedCap(10, time);
    const [one, other] = [share(), share()];
    take(cap, one, 10);
    expect(cap.admits(other)).toBe(false);
    cap.count(one, -6);
    expect(take(cap, one, 10)).toBe(1);
    await time.advance(9999);
    expect(cap.admits(one)).toBe(false);
    expect(take(cap, other, 10)).toBe(5);
    cap.count(other, -5);
    await time.advance(1);
    expect(take(cap, one, 10)).toBe(5);
  });

  it('lets the one go on that has asked itself', () => {
    const cap = new SharedCap(4, time);
    const [one, other] = [share(), share()];
    take(cap, one, 4);
    expect(cap.admits(other)).toBe(false);
    cap.count(one, -4);
    expect(take(cap, other, 10)).toBe(4);
  });

  it('refuses who has half already without taking note that it asks', () => {
    const cap = new SharedCap(4, time);
    const [one, other] = [share(), share()];
    take(cap, one, 2);
    take(cap, other, 2);
    expect(cap.admits(one)).toBe(false);
    expect(cap.admits(other)).toBe(false);
    cap.count(one, -1);
    expect(take(cap, other, 5)).toBe(1);
  });

  it('asks the one with more than half to give way, once for each that is wanted', () => {
    const cap = new SharedCap(4, time);
    const giveWay = vi.fn(() => {
      cap.count(greedy, -1);
      return true;
    });
    const greedy = share(giveWay);
    const other = share();
    take(cap, greedy, 4);
    expect(take(cap, other, 4)).toBe(2);
    expect(giveWay).toHaveBeenCalledTimes(2);
    expect([greedy.held, other.held]).toEqual([2, 2]);
  });

  it('asks nobody to give way while there is room, or who has no more than half', () => {
    const cap = new SharedCap(4, time);
    const giveWay = vi.fn(() => true);
    const [one, other] = [share(giveWay), share(giveWay)];
    take(cap, one, 3);
    expect(take(cap, other, 1)).toBe(1);
    cap.count(one, -1);
    expect(take(cap, other, 1)).toBe(1);
    expect(take(cap, other, 1)).toBe(0);
    expect(take(cap, one, 1)).toBe(0);
    expect(giveWay).not.toHaveBeenCalled();
  });

  it('refuses when the one with more than half cannot give way', () => {
    const cap = new SharedCap(4, time);
    const [greedy, other] = [share(() => false), share()];
    take(cap, greedy, 4);
    expect(cap.admits(other)).toBe(false);
    expect(greedy.held).toBe(4);
  });

  it('refuses when giving way has not made enough room', () => {
    const cap = new SharedCap(10, time);
    let left = 2;
    const greedy = share(() => {
      if (left === 0) return false;
      left -= 1;
      cap.count(greedy, -1);
      return true;
    });
    take(cap, greedy, 10);
    expect(cap.admits(share(), 3)).toBe(false);
  });

  it('of one can be used by whoever comes first', () => {
    const cap = new SharedCap(1, time);
    const [one, other] = [share(), share()];
    expect(take(cap, one, 2)).toBe(1);
    expect(take(cap, other, 1)).toBe(0);
    cap.count(one, -1);
    expect(take(cap, other, 1)).toBe(1);
  });

  it('without an end refuses nobody', () => {
    const cap = new SharedCap(Infinity, time);
    expect(take(cap, share(), 100_000)).toBe(100_000);
    expect(cap.admits(share(), Number.MAX_SAFE_INTEGER)).toBe(true);
  });

  it('keeps one at half also when it was refused itself after another one that still asks', () => {
    const cap = new SharedCap(4, time);
    const [greedy, first, second] = [share(), share(), share()];
    take(cap, greedy, 4);
    expect(cap.admits(first)).toBe(false);
    expect(cap.admits(second)).toBe(false);
    cap.count(greedy, -4);
    // `first` has been refused a moment ago: half is enough for `second`.
    expect(take(cap, second, 4)).toBe(2);
  });

  it('never lets more be held than there is, and never refuses the half of one who is alone', () => {
    const step = fc.record({ by: fc.nat(2), amount: fc.integer({ min: -5, max: 5 }), later: fc.nat(12_000) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(step, { size: '+1' }), (maximum, steps) => {
        let now = 0;
        const clock = { now: () => now, monotonic: () => now };
        const cap = new SharedCap(maximum, clock);
        const giveWay = (of: number) => (): boolean => {
          const greedy = shares[of];
          if (greedy === undefined) return false;
          expect(greedy.held).toBeGreaterThan(Math.floor(maximum / 2));
          cap.count(greedy, -1);
          return true;
        };
        const shares = [share(giveWay(0)), share(giveWay(1)), share()];
        for (const { by, amount, later } of steps) {
          now += later;
          const one = shares[by] as Share;
          const others = shares.reduce((sum, { held }) => sum + held, 0) - one.held;
          if (amount < 0) cap.count(one, Math.max(amount, -one.held));
          else {
            const admitted = cap.admits(one, amount);
            if (others === 0 && one.held + amount <= maximum / 2) expect(admitted).toBe(true);
            if (admitted) cap.count(one, amount);
          }
          expect(shares.reduce((sum, { held }) => sum + held, 0)).toBeLessThanOrEqual(maximum);
        }
      }),
    );
  });
});
