import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkProperty } from './helpers/check-property.js';
import { StreamingWorld, type LogTiming } from './helpers/streaming-world.js';

interface Step {
  toString(): string;
  run(world: StreamingWorld): void | Promise<void>;
}

const step = (name: string, run: Step['run']): Step => ({ toString: () => name, run });

const ofStandalone: fc.Arbitrary<Step> = fc.constantFrom(
  step('say', (world) => world.say()),
  step('say', (world) => world.say()),
  step('lose the GET', ({ standalone }) => standalone.lose()),
  step('come back to the GET', (world) => world.comeBack(world.standalone)),
);

type CallAction = (world: StreamingWorld, call: StreamingWorld['calls'][number]) => void | Promise<void>;

const ACTIONS: Readonly<Record<string, CallAction>> = {
  'log in': (world, call) => world.log(call),
  lose: (_world, { chain }) => chain.lose(),
  'come back to': (world, { chain }) => world.comeBack(chain),
  'close the stream of': (_world, call) => {
    call.closeStream();
  },
  finish: (world, call) => {
    world.finish(call);
  },
};

const ofCalls: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom(...Object.keys(ACTIONS), 'log in', 'begin'), fc.nat({ max: 1 }))
  .map(([action, index]) =>
    step(`${action} call ${String(index)}`, (world) => {
      if (action === 'begin') {
        if (world.calls.length < 2) world.call();
        return;
      }
      const call = world.calls[index];
      return call === undefined ? undefined : ACTIONS[action]?.(world, call);
    }),
  );

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function settle(scheduler: fc.Scheduler): Promise<void> {
  for (;;) {
    for (let turn = 0; turn < 4; turn += 1) await breathe();
    if (scheduler.count() === 0) return;
    await scheduler.waitNext(1);
  }
}

/** Does all steps, lets every client come back that is gone, and looks at what they have got. */
async function check(scheduler: fc.Scheduler, steps: readonly Step[], timing: LogTiming): Promise<void> {
  const world = new StreamingWorld(scheduler, timing);
  await world.open();
  const sequence = steps.map((one) => ({
    label: one.toString(),
    builder: async () => {
      void one.run(world);
      await breathe();
      await breathe();
    },
  }));
  void scheduler.scheduleSequence(sequence);
  await settle(scheduler);
  for (const call of world.calls) world.finish(call);
  // A client that lost its connection while it was coming back tries once more.
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await settle(scheduler);
    for (const chain of [world.standalone, ...world.calls.map((call) => call.chain)])
      void world.comeBack(chain);
  }
  await settle(scheduler);
  await world.say();
  await settle(scheduler);
  expect([...world.standalone.received.values()]).toEqual(world.said);
  for (const { chain, expected } of world.calls) {
    expect([...chain.received.values()]).toEqual(expected);
    expect(chain.answered).toBe(true);
  }
  await world.tessera.close();
  expect(world.tessera.getStats()).toMatchObject({ openStreams: 0, callsInFlight: 0, activeSessions: 0 });
}

const ofAll = fc.oneof({ weight: 1, arbitrary: ofStandalone }, { weight: 3, arbitrary: ofCalls });

function property(of: fc.Arbitrary<Step>, timing: LogTiming): fc.IRawProperty<unknown> {
  return fc.asyncProperty(fc.scheduler(), fc.array(of, { size: 'max', maxLength: 60 }), (scheduler, steps) =>
    check(scheduler, steps, timing),
  );
}

const AT_ONCE: LogTiming = { slowReads: false, slowWrites: false };

describe('Clients that lose their streams and come back', () => {
  it('get all that the server says of its own accord, once and in order', async () => {
    await checkProperty(property(ofStandalone, AT_ONCE), { runs: 100 });
  });

  it('get all that belongs to their calls, and the result', async () => {
    await checkProperty(property(ofAll, AT_ONCE), { runs: 300 });
  });

  it('get all of it with a log that reads slowly', async () => {
    await checkProperty(property(ofAll, { slowReads: true, slowWrites: false }), { runs: 300 });
  });

  it('get all of it with a log that writes slowly', async () => {
    await checkProperty(property(ofAll, { slowReads: true, slowWrites: true }), { runs: 300 });
  });
});
