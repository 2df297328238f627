import { FakeTime } from '../fake-time.js';
import { inProcess } from '../in-process.js';
import { lineOf, makeRig } from '../rig.js';
import { Session } from '../session.js';
import type { Kind } from './kind.js';

const IDLE_MS = 1000;

/** Sessions that nobody uses any more; half of them had a stream, which the client has left. */
export const idle: Kind = {
  name: 'idle',
  cycles: 100_000,
  start: async (census) => {
    const time = new FakeTime();
    const rig = await makeRig({ census, time, sessions: { idleMs: IDLE_MS } });
    const send = inProcess(rig.tessera);
    return {
      rig,
      cycle: async (index) => {
        const session = await Session.open(send, rig.tokens[lineOf(index)]);
        await session.echo(String(index));
        if (index % 2 === 0) await (await session.listen()).leave();
      },
      endBatch: () => {
        time.advance(2 * IDLE_MS);
      },
      close: () => rig.tessera.close(),
    };
  },
};
