import assert from 'node:assert/strict';
import { FakeTime } from '../fake-time.js';
import { inProcess } from '../in-process.js';
import { lineOf, makeRig, type Rig } from '../rig.js';
import { Session, type Reply } from '../session.js';
import { nextHeld } from '../until.js';
import type { Kind } from './kind.js';

const IDLE_MS = 1000;
/** The default of `sessions.keepAliveMs`. */
const KEEP_ALIVE_MS = 15_000;
const LIFETIME_MS = 2000;

/** Clients that go away in the middle, each in another way, and do not end their sessions: time does. */
export const aborted: Kind = {
  name: 'abort',
  cycles: 100_000,
  start: async (census) => {
    const time = new FakeTime();
    const rig = await makeRig({
      census,
      time,
      sessions: { idleMs: IDLE_MS, lifetimeMs: LIFETIME_MS },
    });
    const send = inProcess(rig.tessera);
    return {
      rig,
      cycle: async (index) => {
        const session = await Session.open(send, rig.tokens[lineOf(index)]);
        await WAYS[index % WAYS.length]?.(session, rig);
      },
      endBatch: () => {
        time.advance(2 * LIFETIME_MS);
        // What nobody reads of a session that is over is dropped when two comments would have been due.
        time.advance(3 * KEEP_ALIVE_MS);
      },
      close: () => rig.tessera.close(),
    };
  },
};

/** Every tenth cycle has a server of version 1; nine ways have nothing in common with ten, so each meets both. */
const WAYS: readonly ((session: Session, rig: Rig) => Promise<void>)[] = [
  leaveBeforeTheAnswer,
  leaveInTheMiddleOfAnAnswer,
  leaveTheStream,
  leaveForEver,
  leaveInTheMiddleForEver,
  leaveUnread,
  leaveAfterTheAnswer,
  comeBackForTheAnswer,
  comeBackToTheStream,
];

async function leaveBeforeTheAnswer(session: Session, { held }: Rig): Promise<void> {
  const gone = new AbortController();
  const answered = session.call('hold', '', gone.signal);
  const call = await nextHeld(held);
  gone.abort();
  call.release();
  // Nobody was there to read it.
  await answered;
}

async function leaveInTheMiddleOfAnAnswer(session: Session, { held }: Rig): Promise<void> {
  const reply = await session.call('tellAndHold', '');
  await reply.next();
  const call = await nextHeld(held);
  await reply.leave();
  call.release();
}

async function leaveTheStream(session: Session, { tessera }: Rig): Promise<void> {
  const stream = await session.listen();
  for (const { id } of tessera.tenants()) tessera.notify(id).toolsChanged();
  await stream.next();
  await stream.leave();
}

/** The handler never finishes, and nobody waits for it. */
async function leaveForEver(session: Session, { held }: Rig): Promise<void> {
  const gone = new AbortController();
  void session.call('hold', '', gone.signal);
  await nextHeld(held);
  gone.abort();
}

async function leaveInTheMiddleForEver(session: Session, { held }: Rig): Promise<void> {
  const reply = await session.call('tellAndHold', '');
  await nextHeld(held);
  await reply.leave();
}

/** A stream that is neither read nor left: it ends with its session. */
async function leaveUnread(session: Session, { tessera }: Rig): Promise<void> {
  await session.listen();
  for (const { id } of tessera.tenants()) tessera.notify(id).toolsChanged();
}

async function leaveAfterTheAnswer(session: Session): Promise<void> {
  await session.echo('bye');
}

async function comeBackForTheAnswer(session: Session, { held }: Rig): Promise<void> {
  const reply = await session.call('tellAndHold', 'late');
  const lastEventId = await firstEventId(reply);
  const call = await nextHeld(held);
  await reply.leave();
  const resumed = await session.resume(lastEventId);
  call.release();
  assert.match(await resumed.text(), /"text":"late"/);
}

/** What was told while the client was away is read, and then the client goes away for good. */
async function comeBackToTheStream(session: Session, { tessera }: Rig): Promise<void> {
  const tellAll = (): void => {
    for (const { id } of tessera.tenants()) tessera.notify(id).toolsChanged();
  };
  const stream = await session.listen();
  tellAll();
  const lastEventId = await firstEventId(stream);
  await stream.leave();
  tellAll();
  const resumed = await session.resume(lastEventId);
  await readUntil(resumed, /list_changed/);
  await resumed.leave();
}

async function firstEventId(reply: Reply): Promise<string> {
  const [, id = ''] = await readUntil(reply, /^id: ?(\S+)$/m);
  return id;
}

/** Reads on until a piece of a stream has something in it. */
async function readUntil(reply: Reply, wanted: RegExp): Promise<RegExpExecArray> {
  for (;;) {
    const piece = await reply.next();
    assert.notEqual(piece, undefined, `The stream has ended without ${String(wanted)}.`);
    const found = wanted.exec(String(piece));
    if (found !== null) return found;
  }
}
