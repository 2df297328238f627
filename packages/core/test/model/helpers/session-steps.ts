import fc from 'fast-check';
import type { AnsweredRequest } from './answered-request.js';
import { mostlyMany } from './check-property.js';
import { IDLE_MS, TENANTS, TOKENS, type KnownSession, type ScheduledWorld } from './scheduled-world.js';

/** Something that is done to the world. It begins when the scheduler says so, and nobody waits for its end. */
export interface Step {
  toString(): string;
  run(world: ScheduledWorld): void | Promise<void>;
}

/** Requests that must not get anywhere, because the session is somebody else's. */
export const intrusions = new WeakSet<AnsweredRequest>();
/** Calls whose client has gone, or wanted no answer any more. */
export const givenUp = new WeakSet<AnsweredRequest>();

const token = fc.constantFrom(...TOKENS);
const tenantId = fc.constantFrom(...TENANTS);
const which = fc.nat({ max: 5 });
const slow = fc.boolean();

const step = (name: string, run: Step['run']): Step => ({ toString: () => name, run });

/** One of the sessions that clients know, the newest first; nothing happens while there is none. */
function onSession(
  name: string,
  index: number,
  run: (world: ScheduledWorld, session: KnownSession) => void,
): Step {
  return step(`${name} in session -${String(index)}`, (world) => {
    const session = world.sessions.at(-1 - (index % Math.max(1, world.sessions.length)));
    if (session !== undefined) run(world, session);
  });
}

const opening = fc
  .tuple(token, slow)
  .map(([one, late]) =>
    step(`open by ${one}${late ? ', slowly' : ''}`, (world) => void world.open(one, late)),
  );

const calling = fc
  .tuple(which, fc.constantFrom('work' as const, 'talk' as const), slow)
  .map(([index, tool, late]) =>
    onSession(`${tool}${late ? ', slowly' : ''}`, index, (world, { id, token: owner }) => {
      world.call(owner, id, tool, late);
    }),
  );

const listening = which.map((index) =>
  onSession('listen', index, (world, { id, token: owner }) => void world.listen(owner, id)),
);

const ending = which.map((index) =>
  onSession('end', index, (world, { id, token: owner }) => void world.end(owner, id)),
);

const intruding = fc
  .tuple(which, token, fc.constantFrom('ping', 'listen', 'end', 'call'))
  .map(([index, intruder, how]) =>
    onSession(`${how} by ${intruder}`, index, (world, { id, token: owner }) => {
      if (intruder === owner) return;
      if (how === 'ping') intrusions.add(world.ping(intruder, id));
      else if (how === 'listen') intrusions.add(world.listen(intruder, id));
      else if (how === 'call') intrusions.add(world.call(intruder, id, 'work'));
      else intrusions.add(world.send({ method: 'DELETE', token: intruder, session: id }).request);
    }),
  );

const leaving = which.map((index) =>
  step(`leave stream -${String(index)}`, ({ requests }) => {
    const streams = requests.filter(({ streaming }) => streaming);
    const stream = streams.at(-1 - (index % Math.max(1, streams.length)));
    if (stream === undefined) return;
    givenUp.add(stream);
    stream.leave();
  }),
);

const cancelling = which.map((index) =>
  onSession('cancel', index, (world, { id, token: owner }) => {
    const call = world.requests.findLast(
      ({ callId, complete, description }) => callId !== undefined && !complete && description.includes(id),
    );
    if (call?.callId === undefined) return;
    givenUp.add(call);
    world.cancel(owner, id, call.callId);
  }),
);

const updating = fc
  .tuple(
    tenantId,
    fc.constantFrom('good' as const, 'good' as const, 'failing' as const),
    fc.constantFrom('swap' as const, 'swap' as const, 'drain' as const, 'end' as const),
  )
  .map(([id, kind, sessions]) =>
    step(`update ${id} to a ${kind} server, ${sessions}`, (world) => {
      world.update(id, kind, sessions);
    }),
  );

const changingTokens = fc.tuple(token, fc.constantFrom('remove', 'remove', 'add')).map(([one, how]) =>
  step(`${how} token ${one}`, (world) => {
    if (how === 'add') world.addToken(one);
    else world.removeToken(one);
  }),
);

const changingTenants = fc
  .tuple(tenantId, fc.constantFrom('remove', 'add', 'add', 'disable', 'enable', 'enable'))
  .map(([id, how]) =>
    step(`${how} tenant ${id}`, (world) => {
      if (how === 'add') world.addTenant(id);
      else if (how === 'remove') world.removeTenant(id);
      else world.setEnabled(id, how === 'enable');
    }),
  );

const waiting = fc
  .constantFrom(100, 11_000, IDLE_MS / 2, IDLE_MS + 1000)
  .map((ms) => step(`wait ${String(ms)} ms`, (world) => world.wait(ms)));

const closing = fc.constant(
  step('close', (world) => {
    world.close();
  }),
);

const anyStep = fc.oneof(
  { weight: 80, arbitrary: opening },
  { weight: 100, arbitrary: calling },
  { weight: 30, arbitrary: listening },
  { weight: 15, arbitrary: ending },
  { weight: 30, arbitrary: intruding },
  { weight: 15, arbitrary: leaving },
  { weight: 15, arbitrary: cancelling },
  { weight: 50, arbitrary: updating },
  { weight: 20, arbitrary: changingTokens },
  { weight: 35, arbitrary: changingTenants },
  { weight: 12, arbitrary: waiting },
  { weight: 1, arbitrary: closing },
);

/** What happens in one case. */
export const steps: fc.Arbitrary<Step[]> = mostlyMany(anyStep, { many: 25, maximum: 50 });

const takingOver = fc.oneof(
  { weight: 3, arbitrary: opening },
  { weight: 10, arbitrary: calling },
  { weight: 5, arbitrary: ending },
  { weight: 6, arbitrary: updating },
  { weight: 1, arbitrary: changingTenants },
);

/** Servers are replaced all the time, while their sessions are used and end. */
export const takeovers: fc.Arbitrary<Step[]> = mostlyMany(takingOver, { many: 25, maximum: 50 });
