import type { Clock, Timers } from './platform.js';

/** How many are told in one turn of the event loop: writing to a stream takes some 30 µs, so this is about 2 ms. */
const MOST_IN_A_TURN = 64;

/** For how long somebody is told in one turn, in milliseconds: machines are not all that fast. */
const LONGEST_TURN_MS = 4;

/** How many things that many are to be told may wait in a lane. */
const MOST_WAITING = 1024;

/** Something that many are to be told. */
interface Telling {
  readonly targets: readonly unknown[];
  readonly tell: (target: unknown) => void;
  /** Who is next. */
  next: number;
}

/**
 * Spreads what many are to be told over turns of the event loop, so that no call waits for all of it. Each tenant has a lane of
 * its own, and the lanes take turns: however much one of them has to say, another one's is said next.
 */
export class Spread {
  readonly #timers: Timers;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Lanes in which something waits, the next one first. */
  readonly #lanes = new Set<SpreadLane>();
  /** How many were told in this turn. */
  #done = 0;
  /** When it has begun. */
  #beganAt = 0;
  /** Whether the next turn is asked for. */
  #isDue = false;

  constructor({ timers, clock }: { readonly timers: Timers; readonly clock: Pick<Clock, 'monotonic'> }) {
    this.#timers = timers;
    this.#clock = clock;
  }

  /** A lane in which nothing waits. */
  lane(): SpreadLane {
    return new SpreadLane((lane) => {
      this.#begin(lane);
    });
  }

  /** Drops what waits. */
  close(): void {
    for (const lane of this.#lanes) lane.drop();
    this.#lanes.clear();
  }

  /** Does at once what is little. */
  #begin(lane: SpreadLane): void {
    this.#askForTurn();
    try {
      while (lane.waits && !this.#isEnough()) {
        this.#done += 1;
        lane.step();
      }
    } finally {
      if (lane.waits) this.#lanes.add(lane);
    }
  }

  #isEnough(): boolean {
    return this.#done >= MOST_IN_A_TURN || this.#clock.monotonic() - this.#beganAt >= LONGEST_TURN_MS;
  }

  #askForTurn(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#beganAt = this.#clock.monotonic();
    const begin = (): void => {
      this.#nextTurn();
    };
    // The shortest time-out is a millisecond, which would be half of the time that all of it takes.
    if (this.#timers.setImmediate === undefined) this.#timers.setTimeout(begin, 0);
    else this.#timers.setImmediate(begin);
  }

  #nextTurn(): void {
    this.#isDue = false;
    this.#done = 0;
    if (this.#lanes.size === 0) return;
    this.#askForTurn();
    // A lane that is put back comes again behind the others, in this very loop.
    for (const lane of this.#lanes) {
      if (this.#isEnough()) return;
      this.#lanes.delete(lane);
      this.#done += 1;
      try {
        lane.step();
      } finally {
        if (lane.waits) this.#lanes.add(lane);
      }
    }
  }
}

/** What one tenant has to say to many, in order. */
export class SpreadLane {
  readonly #begin: (lane: SpreadLane) => void;
  readonly #tellings: Telling[] = [];

  /** @param begin told that something waits where nothing has waited */
  constructor(begin: (lane: SpreadLane) => void) {
    this.#begin = begin;
  }

  /** Whether somebody is still to be told something. */
  get waits(): boolean {
    return this.#tellings.length > 0;
  }

  /**
   * Tells all of them: the first ones now, unless others have used up this turn or something waits that was to be said before. What has
   * waited for longest is said to all at once when too much waits: whoever says so much has to wait for it.
   *
   * @param targets is not changed, and must not be
   * @param tell should not throw, and does not keep the others from being told when it does; somebody may have gone before
   * it is their turn
   */
  tellAll<Target>(targets: readonly Target[], tell: (target: Target) => void): void {
    if (targets.length === 0) return;
    this.#tellings.push({ targets, tell: tell as (target: unknown) => void, next: 0 });
    if (this.#tellings.length === 1) this.#begin(this);
    else if (this.#tellings.length > MOST_WAITING) this.#finishFirst();
  }

  /** Tells the next one. What is said meanwhile comes after. */
  step(): void {
    const [first] = this.#tellings;
    if (first !== undefined) this.#tellNext(first);
  }

  /** Says all that waits. */
  flush(): void {
    while (this.waits) this.#finishFirst();
  }

  /** Says nothing of it. */
  drop(): void {
    this.#tellings.length = 0;
  }

  #finishFirst(): void {
    const [first] = this.#tellings;
    if (first === undefined) return;
    while (first.next < first.targets.length) this.#tellNext(first);
  }

  #tellNext(telling: Telling): void {
    const target = telling.targets[telling.next];
    telling.next += 1;
    try {
      telling.tell(target);
    } finally {
      // Not before: what is said meanwhile comes after it. By identity, because it may have been finished meanwhile.
      if (telling.next >= telling.targets.length && this.#tellings[0] === telling) this.#tellings.shift();
    }
  }
}
