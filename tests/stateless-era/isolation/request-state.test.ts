import { afterEach, describe, expect, it } from 'vitest';
import { FakeTime } from '../../../packages/core/test/helpers/fake-platform.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import type { Message } from '../../session-era/helpers/messages.js';
import { answerOf, wholeAnswer } from '../../session-era/helpers/streams.js';
import { newToken, TOKENS, type World } from '../../session-era/helpers/world.js';
import { makeAskingServer, PLAN, SEAT, SEAT_ANSWER, type Bookings } from '../helpers/asking-servers.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS, createCell, type Cell } from '../helpers/cells.js';

afterEach(closeEverything);

const CAN_BE_ASKED = { capabilities: { elicitation: {} } };
const TEN_MINUTES = 600_000;

/** A request that asks before it answers. */
interface Asking {
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const BOOK: Asking = { method: 'tools/call', params: { name: 'book', arguments: { text: 'a trip' } } };
const REBOOK: Asking = { method: 'tools/call', params: { name: 'rebook', arguments: { text: 'a trip' } } };
const PROMPT: Asking = { method: 'prompts/get', params: { name: 'book' } };
const READ: Asking = { method: 'resources/read', params: { uri: PLAN } };

interface Stage {
  readonly world: World;
  readonly time: FakeTime;
  readonly acme: Bookings;
  readonly globex: Bookings;
}

async function createStage(cell: Cell): Promise<Stage> {
  const time = new FakeTime();
  const acme: Bookings = { label: 'acme', booked: [] };
  const globex: Bookings = { label: 'globex', booked: [] };
  const server = (): ReturnType<typeof makeAskingServer> => makeAskingServer(cell.sdk, acme);
  const world = await createCell(cell, { clock: time, timers: time }, { server });
  await world.tessera.updateTenant('globex', { server: () => makeAskingServer(cell.sdk, globex) });
  return { world, time, acme, globex };
}

const callerOf = ({ world }: Stage, token: string): StatelessCaller =>
  new StatelessCaller(world, token, CAN_BE_ASKED);

/** Makes a request for the first time, and gives the state that comes back. */
async function begin(caller: StatelessCaller, { method, params }: Asking): Promise<string> {
  const { result } = await caller.answer(1, method, params);
  expect(result).toMatchObject({ resultType: 'input_required' });
  expect(Object.keys(result?.inputRequests ?? {})).toEqual([SEAT]);
  expect(typeof result?.requestState).toBe('string');
  return result?.requestState ?? '';
}

/** Makes a request again, with an answer and a state. */
const goOn = (caller: StatelessCaller, { method, params }: Asking, requestState: string): Promise<Response> =>
  caller.ask(2, method, { ...params, inputResponses: SEAT_ANSWER, requestState });

/** The same state, but for one character in its middle. */
function tampered(state: string): string {
  const middle = Math.floor(state.length / 2);
  return `${state.slice(0, middle)}${state[middle] === 'A' ? 'B' : 'A'}${state.slice(middle + 1)}`;
}

/** Expects that a state is refused like one that was tampered with, and that no handler hears of it. */
async function expectRefused(stage: Stage, answer: Response, asking: Asking, state: string): Promise<void> {
  const refusal = (await wholeAnswer(answer)) as { readonly body: string };
  expect((JSON.parse(refusal.body) as Message).error?.code).toBe(-32602);
  const same = await goOn(callerOf(stage, TOKENS.acme), asking, tampered(state));
  expect(refusal).toEqual(await wholeAnswer(same));
  expect([...stage.acme.booked, ...stage.globex.booked]).toEqual([]);
}

/** Expects that a state is still good for its own caller. */
async function expectGood(stage: Stage, asking: Asking, state: string): Promise<void> {
  const { result } = await answerOf(await goOn(callerOf(stage, TOKENS.acme), asking, state));
  expect(result).toMatchObject({ resultType: 'complete' });
  expect(stage.acme.booked).toHaveLength(1);
}

describe.each(CELLS)('The state that a client keeps for a server ($name)', (cell) => {
  it.each([
    ['a tool', BOOK, 'book a trip'],
    ['a prompt', PROMPT, 'prompt'],
    ['a resource', READ, 'plan'],
  ])('Comes back to %s with the answer, as it was.', async (_what, asking, what) => {
    const stage = await createStage(cell);
    const caller = callerOf(stage, TOKENS.acme);
    const state = await begin(caller, asking);
    await expectGood(stage, asking, state);
    expect(stage.acme.booked.map((booked) => JSON.parse(booked) as unknown)).toEqual([
      {
        label: 'acme',
        what,
        state: `state of acme: ${what}`,
        responses: expect.objectContaining({ content: { seat: '12A' } }) as unknown,
      },
    ]);
  });

  it('Cannot be read by the client.', async () => {
    const state = await begin(callerOf(await createStage(cell), TOKENS.acme), BOOK);
    const decoded = state.split(/[^\w+/=-]/).map((part) => Buffer.from(part, 'base64').toString('latin1'));
    for (const text of [state, ...decoded]) expect(text).not.toContain('state of acme');
  });

  it('Is refused when anything of it was changed.', async () => {
    const stage = await createStage(cell);
    const caller = callerOf(stage, TOKENS.acme);
    const state = await begin(caller, BOOK);
    for (const wrong of [tampered(state), state.slice(1), state.slice(0, -2), `${state}AA`, 'made up', '']) {
      await expectRefused(stage, await goOn(caller, BOOK, wrong), BOOK, state);
    }
    await expectGood(stage, BOOK, state);
  });

  it('Of one tenant is refused for another.', async () => {
    const stage = await createStage(cell);
    const state = await begin(callerOf(stage, TOKENS.acme), BOOK);
    const stolen = await goOn(callerOf(stage, TOKENS.globex), BOOK, state);
    await expectRefused(stage, stolen, BOOK, state);
    await expectGood(stage, BOOK, state);
  });

  it('Of one user is refused for another one of the same tenant.', async () => {
    const stage = await createStage(cell);
    const state = await begin(callerOf(stage, TOKENS.acme), BOOK);
    const stolen = await goOn(callerOf(stage, TOKENS.sibling), BOOK, state);
    await expectRefused(stage, stolen, BOOK, state);
    await expectGood(stage, BOOK, state);
  });

  it.each([
    ['tool', REBOOK],
    ['method', PROMPT],
    ['kind of thing', READ],
  ])('Of one request is refused for another %s.', async (_what, other) => {
    const stage = await createStage(cell);
    const caller = callerOf(stage, TOKENS.acme);
    const state = await begin(caller, BOOK);
    await expectRefused(stage, await goOn(caller, other, state), other, state);
    await expectGood(stage, BOOK, state);
  });

  it('Is good for ten minutes, and no longer.', async () => {
    const stage = await createStage(cell);
    const caller = callerOf(stage, TOKENS.acme);
    const late = await begin(caller, BOOK);
    await stage.time.advance(1000);
    const inTime = await begin(caller, BOOK);
    await stage.time.advance(TEN_MINUTES - 500);
    await expectRefused(stage, await goOn(caller, BOOK, late), BOOK, late);
    await expectGood(stage, BOOK, inTime);
  });

  it('Stays good when the token of its user is replaced, and when the server is.', async () => {
    const stage = await createStage(cell);
    const state = await begin(callerOf(stage, TOKENS.acme), BOOK);
    await stage.world.tessera.updateTenant('acme', { server: () => makeAskingServer(cell.sdk, stage.acme) });
    const token = newToken();
    stage.world.tessera.rotateToken(TOKENS.acme, token);
    const { result } = await answerOf(await goOn(callerOf(stage, token), BOOK, state));
    expect(result).toMatchObject({ resultType: 'complete' });
  });

  it('Means nothing to another tessera.', async () => {
    const [stage, other] = [await createStage(cell), await createStage(cell)];
    const state = await begin(callerOf(stage, TOKENS.acme), BOOK);
    const answer = await goOn(callerOf(other, TOKENS.acme), BOOK, state);
    await expectRefused(other, answer, BOOK, state);
  });
});
