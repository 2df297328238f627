import { beforeEach, describe, expect, it } from 'vitest';
import { Spread } from '../../src/shared/spread.js';
import { FakeTime } from '../helpers/fake-platform.js';

let time: FakeTime;
let spread: Spread;
let done: number[];

beforeEach(() => {
  time = new FakeTime();
  spread = new Spread(time);
  done = [];
});

function doMany(count: number, from = 0): void {
  for (let index = from; index < from + count; index += 1) {
    spread.do(() => {
      done.push(index);
    });
  }
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
    spread = new Spread(immediate);
    doMany(200);
    expect(immediate.pending).toBe(0);
    for (const expected of [128, 192, 200]) {
      turns.shift()?.();
      expect(done).toEqual(upTo(expected));
    }
    turns.shift()?.();
    expect(turns.length).toBe(0);
  });
});
