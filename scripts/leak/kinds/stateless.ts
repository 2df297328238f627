import assert from 'node:assert/strict';
import { FakeTime } from '../fake-time.js';
import { inProcess } from '../in-process.js';
import { lineOf, makeRig, type Rig } from '../rig.js';
import type { Reply } from '../session.js';
import { StatelessClient } from '../stateless-client.js';
import { nextHeld } from '../until.js';
import type { Kind } from './kind.js';

const KEEP_MS = 1000;
/** For how long a handler waits for its client, and what nobody reads is kept. */
const PATIENCE_MS = 61_000;

/** Clients without sessions, each new: what is made for them is kept for a while, and then for nobody. */
export const stateless: Kind = {
  name: 'stateless',
  cycles: 50_000,
  start: async (census) => {
    const time = new FakeTime();
    const rig = await makeRig({ census, time, stateless: { keepMs: KEEP_MS } });
    const send = inProcess(rig.tessera);
    return {
      rig,
      cycle: async (index) => {
        const client = new StatelessClient(send, {
          token: rig.tokens[lineOf(index)],
          name: `c${String(index)}`,
        });
        await WAYS[index % WAYS.length]?.(client, rig);
      },
      endBatch: () => {
        time.advance(2 * KEEP_MS);
        time.advance(PATIENCE_MS);
      },
      close: () => rig.tessera.close(),
    };
  },
};

/** Every tenth cycle has a server of version 1; seven ways have nothing in common with ten, so each meets both. */
const WAYS: readonly ((client: StatelessClient, rig: Rig) => Promise<void>)[] = [
  callTwice,
  callTheLongWay,
  leaveBeforeTheAnswer,
  leaveInTheMiddleOfAnAnswer,
  listenAndLeave,
  listenUnread,
  leaveForEver,
];

/** The first call makes a server, the second one finds it. */
async function callTwice(client: StatelessClient): Promise<void> {
  assert.match(await textOf(client.call('echo', 'one')), /"text":"one"/);
  assert.match(await textOf(client.call('echo', 'two')), /"text":"two"/);
}

/** A name in Base64 is for the SDK to read. */
async function callTheLongWay(client: StatelessClient): Promise<void> {
  const encoded = `=?base64?${btoa('echo')}?=`;
  assert.match(await textOf(client.call('echo', 'long', { name: encoded })), /"text":"long"/);
}

async function leaveBeforeTheAnswer(client: StatelessClient, { held }: Rig): Promise<void> {
  const gone = new AbortController();
  const answered = client.call('hold', '', { signal: gone.signal });
  await nextHeld(held);
  gone.abort();
  await answered;
}

async function leaveInTheMiddleOfAnAnswer(client: StatelessClient, { held }: Rig): Promise<void> {
  const reply = await client.call('tellAndHold', '', { logLevel: 'debug' });
  await reply.next();
  await nextHeld(held);
  await reply.leave();
}

async function listenAndLeave(client: StatelessClient, { tessera }: Rig): Promise<void> {
  const stream = await client.listen();
  await stream.next();
  for (const { id } of tessera.tenants()) tessera.notify(id).toolsChanged();
  await stream.next();
  await stream.leave();
}

/** A stream that is neither read nor left ends with the access of its client; here it is left at last. */
async function listenUnread(client: StatelessClient, { tessera }: Rig): Promise<void> {
  const stream = await client.listen();
  for (const { id } of tessera.tenants()) tessera.notify(id).toolsChanged();
  await stream.leave();
}

/** The handler never finishes, and nobody waits for it. */
async function leaveForEver(client: StatelessClient, { held }: Rig): Promise<void> {
  const gone = new AbortController();
  void client.call('hold', '', { signal: gone.signal });
  await nextHeld(held);
  gone.abort();
}

async function textOf(reply: Promise<Reply>): Promise<string> {
  return (await reply).text();
}
