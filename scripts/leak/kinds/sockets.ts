import assert from 'node:assert/strict';
import { serve } from '../../../packages/adapter-node/src/index.js';
import type { Census } from '../census.js';
import { overSockets } from '../over-sockets.js';
import { lineOf, makeRig, type Rig } from '../rig.js';
import { Session } from '../session.js';
import { nextHeld, until } from '../until.js';
import type { Kind, Running } from './kind.js';

/** Sessions that their clients end, over HTTP. */
export const deletedOverSockets: Kind = {
  name: 'delete over sockets',
  cycles: 20_000,
  start: (census) => startServed(census, async (session) => session.echo('hello')),
};

/** Clients whose connection breaks in the middle, over HTTP. They come back once, to end their sessions. */
export const abortedOverSockets: Kind = {
  name: 'abort over sockets',
  cycles: 20_000,
  start: (census) =>
    startServed(census, async (session, rig, index) => {
      await WAYS[index % WAYS.length]?.(session, rig);
      await until('nothing is left of the connection', () => {
        const { callsInFlight, openStreams } = rig.tessera.getStats();
        return callsInFlight + openStreams === 0;
      });
    }),
};

const WAYS: readonly ((session: Session, rig: Rig) => Promise<void>)[] = [
  breakBeforeTheAnswer,
  breakInTheMiddleOfAnAnswer,
  breakTheStream,
];

async function startServed(
  census: Census,
  use: (session: Session, rig: Rig, index: number) => Promise<void>,
): Promise<Running> {
  const rig = await makeRig({ census });
  const served = await serve(rig.tessera);
  const client = overSockets(`${served.origin}${rig.tessera.endpoint}`);
  return {
    rig,
    cycle: async (index) => {
      const session = await Session.open(client.send, rig.tokens[lineOf(index)]);
      await use(session, rig, index);
      await session.delete();
    },
    close: async () => {
      client.close();
      await rig.tessera.close();
      await served.close();
    },
  };
}

async function breakBeforeTheAnswer(session: Session, { held }: Rig): Promise<void> {
  const gone = new AbortController();
  const failed = assert.rejects(session.call('hold', '', gone.signal));
  const call = await nextHeld(held);
  gone.abort();
  await failed;
  call.release();
}

async function breakInTheMiddleOfAnAnswer(session: Session, { held }: Rig): Promise<void> {
  const reply = await session.call('tellAndHold', '');
  assert.notEqual(await reply.next(), undefined);
  const call = await nextHeld(held);
  await reply.leave();
  call.release();
}

async function breakTheStream(session: Session): Promise<void> {
  const stream = await session.listen();
  await stream.leave();
}
