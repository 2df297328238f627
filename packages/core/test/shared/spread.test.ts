import { beforeEach, describe, expect, it } from 'vitest';
import { Spread, type SpreadLane } from '../../src/shared/spread.js';
import { FakeTime } from '../helpers/fake-platform.js';

let time: FakeTime;
let spread: Spread;
let lane: SpreadLane;
let done: number[];

beforeEach(() => {
  time = new FakeTime();
  spread = new Spread({ timers: time, clock: time });
  lane = spread.lane();
  done = [];
});

const from = (start: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => start + index);

const write = (index: number): void => {
  done.push(index);
};

function doMany(count: number, start = 0): void {
  lane.tellAll(from(start, count), write);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('Spread', () => {
  it('does at once what is little, and has no timer left a turn later', async () => {
    doMany(64);
    expect(done).toEqual(upTo(64));
    await time.advance(1);
    expect(time.pending).toBe(0);
  });

  it('does what is much in several turns, all of it, once each and in order', async () => {
    doMany(1000);
    expect(done.length).toBe(64);
    await time.advance(0);
    expect(done).toEqual(upTo(1000));
    await time.advance(1);
    expect(time.pending).toBe(0);
  });

  it('does no more than its share in a turn, also when more is asked for in many small parts', () => {
    for (let part = 0; part < 50; part += 1) doMany(4, part * 4);
    expect(done).toEqual(upTo(64));
  });

  it('lets nothing overtake what waits', async () => {
    doMany(100);
    doMany(1, 100);
    await time.advance(0);
    expect(done).toEqual(upTo(101));
  });

  it('goes on at once when the turn is another one', async () => {
    doMany(64);
    await time.advance(1);
    doMany(1, 64);
    expect(done).toEqual(upTo(65));
  });

  it('drops what waits when it is closed', async () => {
    doMany(100);
    spread.close();
    await time.advance(10);
    expect(done.length).toBe(64);
    expect(time.pending).toBe(0);
  });

  it('waits for no timer where the platform has something shorter', () => {
    const turns: (() => void)[] = [];
    const immediate = Object.assign(new FakeTime(), { setImmediate: (run: () => void) => turns.push(run) });
    lane = new Spread({ timers: immediate, clock: immediate }).lane();
    doMany(200);
    expect(immediate.pending).toBe(0);
    for (const expected of [128, 192, 200]) {
      turns.shift()?.();
      expect(done).toEqual(upTo(expected));
    }
    turns.shift()?.();
    expect(turns.length).toBe(0);
  });

  it('says nothing to nobody, and waits for no turn to do so', () => {
    doMany(0);
    expect(lane.waits).toBe(false);
    expect(time.pending).toBe(0);
  });

  it('keeps the order of what is said while something is said', async () => {
    lane.tellAll(from(0, 100), (index) => {
      if (index === 70) doMany(2, 100);
      write(index);
    });
    await time.advance(0);
    expect(done).toEqual(upTo(102));
  });

  it('lets a tenant with little to say wait for none with much', () => {
    const turns: (() => void)[] = [];
    const immediate = Object.assign(new FakeTime(), { setImmediate: (run: () => void) => turns.push(run) });
    const shared = new Spread({ timers: immediate, clock: immediate });
    lane = shared.lane();
    doMany(10_000);
    shared.lane().tellAll([-1, -2], write);
    expect(done).toEqual(upTo(64));
    turns.shift()?.();
    expect(done.slice(64)).toEqual([64, -1, 65, -2, ...from(66, 60)]);
  });

  it('has no more waiting than so much: then what has waited for longest is said', () => {
    for (let part = 0; part < 5000; part += 1) doMany(2, part * 2);
    expect(done).toEqual(upTo(done.length));
    expect(10_000 - done.length).toBeLessThanOrEqual(2048);
  });

  it('survives it when so much is said by those who are told', async () => {
    lane.tellAll(from(0, 3), (index) => {
      for (let part = 0; part < 1500; part += 1) doMany(1, 3 + index * 1500 + part);
      write(index);
    });
    await time.advance(0);
    expect([...done].sort((one, other) => one - other)).toEqual(upTo(3 + 4500));
  });

  it('says at once what waits when it is asked to', () => {
    doMany(1000);
    lane.flush();
    expect(done).toEqual(upTo(1000));
    expect(lane.waits).toBe(false);
  });

  it('does less in a turn where it takes long, and goes on all the same', () => {
    const turns: (() => void)[] = [];
    let now = 0;
    const clock = { monotonic: () => now };
    const timers = Object.assign(new FakeTime(), { setImmediate: (run: () => void) => turns.push(run) });
    new Spread({ timers, clock }).lane().tellAll(upTo(6), (index) => {
      now += index === 3 ? 100 : 2;
      write(index);
    });
    for (const expected of [2, 4, 6]) {
      expect(done).toEqual(upTo(expected));
      turns.shift()?.();
    }
    expect(turns).toEqual([]);
  });

  it('goes on when telling one of them has failed, also the last one', async () => {
    const fail = (index: number): void => {
      if (index === 1) throw new Error('broken');
      write(index);
    };
    expect(() => {
      lane.tellAll([0, 1], fail);
    }).toThrow('broken');
    expect(() => {
      lane.tellAll([1, 2, 3], fail);
    }).toThrow('broken');
    doMany(1, 4);
    await time.advance(0);
    expect(done).toEqual([0, 2, 3, 4]);
    expect(lane.waits).toBe(false);
  });
});
