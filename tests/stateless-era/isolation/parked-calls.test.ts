import type { TesseraOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeTime } from '../../../packages/core/test/helpers/fake-platform.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { textOf, type Message } from '../../session-era/helpers/messages.js';
import { answerOf, wholeAnswer } from '../../session-era/helpers/streams.js';
import { TOKENS, type World } from '../../session-era/helpers/world.js';
import { StatelessCaller } from '../helpers/caller.js';
import { createCell, HOSTS_BOTH_WAYS, type Cell } from '../helpers/cells.js';
import { AskingLog, makeAsking } from '../helpers/asking-log.js';

afterEach(closeEverything);

const WAIT = { timeout: 5000, interval: 5 };
const CAN_BE_ASKED = { capabilities: { elicitation: {}, sampling: {}, roots: {} } };

interface Stage {
  readonly world: World;
  readonly log: AskingLog;
  readonly caller: (token?: string) => StatelessCaller;
}

async function createStage(cell: Cell, options: TesseraOptions = {}): Promise<Stage> {
  const log = new AskingLog();
  const world = await createCell(cell, options, { server: () => makeAsking(log) });
  await world.tessera.updateTenant('globex', { server: () => makeAsking(log) });
  const caller = (token = TOKENS.acme): StatelessCaller => new StatelessCaller(world, token, CAN_BE_ASKED);
  return { world, log, caller };
}

interface Parked {
  readonly key: string;
  readonly state: string;
}

/** Calls a tool that asks, and gives what is needed to go on. */
async function park(caller: StatelessCaller, text: string, tool = 'ask'): Promise<Parked> {
  const { result } = await answerOf(await caller.call('first', tool, text));
  expect(result?.resultType).toBe('input_required');
  const [key, ...others] = Object.keys(result?.inputRequests ?? {});
  expect(others).toEqual([]);
  return { key: key ?? '', state: result?.requestState ?? '' };
}

const accept = (name: string): object => ({ action: 'accept', content: { name } });

function goOn(
  caller: StatelessCaller,
  { key, state }: Parked,
  { text = 'a', name = 'Ada', tool = 'ask' }: { text?: string; name?: string; tool?: string } = {},
): Promise<Response> {
  const params = { name: tool, arguments: { text }, inputResponses: { [key]: accept(name) } };
  return caller.ask('again', 'tools/call', { ...params, requestState: state });
}

const parkedCalls = ({ world }: Stage): number => world.tessera.getStats().parkedCalls;

const untilParked = (stage: Stage, count: number): Promise<void> =>
  vi.waitFor(() => {
    expect(parkedCalls(stage)).toBe(count);
  }, WAIT);

async function expectUnknownState(stage: Stage, answer: Response): Promise<void> {
  const refusal = (await wholeAnswer(answer)) as { readonly body: string };
  expect((JSON.parse(refusal.body) as Message).error?.code).toBe(-32602);
  const madeUp = await goOn(stage.caller(), { key: 'elicitation_0', state: 'made up' });
  expect(refusal).toEqual(await wholeAnswer(madeUp));
}

describe.each(HOSTS_BOTH_WAYS)('A call of SDK v1 that waits for its client ($name)', (cell) => {
  it('Goes on with the answer where it was, and has run once.', async () => {
    const stage = await createStage(cell);
    const caller = stage.caller();
    const parked = await park(caller, 'a');
    expect(parked.key).toBe('elicitation_0');
    expect(parkedCalls(stage)).toBe(1);
    expect(stage.log.lines).toEqual(['asks a']);
    const { id, result } = await answerOf(await goOn(caller, parked));
    expect(id).toBe('again');
    expect(result).toMatchObject({ resultType: 'complete' });
    expect(JSON.parse(result?.content?.[0]?.text ?? '')).toMatchObject(accept('Ada'));
    expect(stage.log.lines).toEqual(['asks a', 'goes on a']);
    expect(parkedCalls(stage)).toBe(0);
  });

  it('Is gone on with once only, though the same request comes twice or at the same time.', async () => {
    const stage = await createStage(cell);
    const caller = stage.caller();
    const parked = await park(caller, 'a');
    const answers = await Promise.all([goOn(caller, parked), goOn(caller, parked), goOn(caller, parked)]);
    const messages = await Promise.all(answers.map((answer) => answerOf(answer.clone())));
    const good = messages.filter(({ result }) => result?.resultType === 'complete');
    expect(good).toHaveLength(1);
    expect(messages.filter(({ error }) => error?.code === -32602)).toHaveLength(2);
    await expectUnknownState(stage, await goOn(caller, parked));
    expect(stage.log.lines).toEqual(['asks a', 'goes on a']);
  });

  it.each([
    ['another tenant', TOKENS.globex],
    ['another user of its tenant', TOKENS.sibling],
  ])('Cannot be gone on with by %s.', async (_who, token) => {
    const stage = await createStage(cell);
    const parked = await park(stage.caller(), 'a');
    await expectUnknownState(stage, await goOn(stage.caller(token), parked));
    expect(stage.log.lines).toEqual(['asks a']);
    expect(textOf(await answerOf(await goOn(stage.caller(), parked)))).toContain('Ada');
  });

  it('Cannot be gone on with under the name of another tool.', async () => {
    const stage = await createStage(cell);
    const parked = await park(stage.caller(), 'a');
    await expectUnknownState(stage, await goOn(stage.caller(), parked, { tool: 'askTwice' }));
    expect(textOf(await answerOf(await goOn(stage.caller(), parked)))).toContain('Ada');
    expect(stage.log.lines).toEqual(['asks a', 'goes on a']);
  });

  it('Does not get the answers of another one, when many wait at once.', async () => {
    const stage = await createStage(cell);
    const askers = Array.from({ length: 20 }, (_, index) => ({
      caller: stage.caller([TOKENS.acme, TOKENS.sibling, TOKENS.globex][index % 3]),
      text: `text ${String(index)}`,
      name: `name ${String(index)}`,
    }));
    const parked = await Promise.all(askers.map(({ caller, text }) => park(caller, text)));
    expect(parkedCalls(stage)).toBe(20);
    expect(new Set(parked.map(({ state }) => state)).size).toBe(20);
    const answers = await Promise.all(
      askers.map(({ caller, ...given }, index) => goOn(caller, parked[index] as Parked, given)),
    );
    const texts = await Promise.all(answers.map(async (answer) => textOf(await answerOf(answer))));
    for (const [index, { text, name }] of askers.entries()) {
      expect(JSON.parse(texts[index] ?? '')).toMatchObject({ text, ...accept(name) });
    }
    expect(parkedCalls(stage)).toBe(0);
  });

  it('Can ask again, with a new state each time.', async () => {
    const stage = await createStage(cell);
    const caller = stage.caller();
    const first = await park(caller, 'a', 'askTwice');
    const { result } = await answerOf(await goOn(caller, first, { tool: 'askTwice', name: 'Ada' }));
    expect(result?.resultType).toBe('input_required');
    const [key = ''] = Object.keys(result?.inputRequests ?? {});
    const second = { key, state: result?.requestState ?? '' };
    expect(second.state).not.toBe(first.state);
    await expectUnknownState(stage, await goOn(caller, first, { tool: 'askTwice' }));
    const answer = await goOn(caller, second, { tool: 'askTwice', name: 'Grace' });
    expect(textOf(await answerOf(answer))).toBe('Ada, Grace');
  });

  it('Is asked again when the answer to its question is missing.', async () => {
    const stage = await createStage(cell);
    const caller = stage.caller();
    const { state } = await park(caller, 'a');
    const params = { name: 'ask', arguments: { text: 'a' }, inputResponses: {}, requestState: state };
    const { result } = await caller.answer('again', 'tools/call', params);
    expect(result?.resultType).toBe('input_required');
    const [key = ''] = Object.keys(result?.inputRequests ?? {});
    const answer = await goOn(caller, { key, state: result?.requestState ?? '' });
    expect(textOf(await answerOf(answer))).toContain('Ada');
    expect(stage.log.lines).toEqual(['asks a', 'goes on a']);
  });

  it('Has a cap for each tenant; over it the handler hears that it cannot ask.', async () => {
    const stage = await createStage(cell, { limits: { parkedCalls: 2 } });
    const waiting = [await park(stage.caller(), 'a'), await park(stage.caller(TOKENS.sibling), 'a')];
    const { result, error } = await answerOf(await stage.caller().call(3, 'ask', 'b'));
    expect(result?.resultType).not.toBe('input_required');
    expect(error !== undefined || result?.isError === true).toBe(true);
    expect(stage.log.lines).toContain('cannot ask b');
    const elsewhere = await park(stage.caller(TOKENS.globex), 'c');
    expect(parkedCalls(stage)).toBe(3);
    const [first] = waiting as [Parked];
    expect(textOf(await answerOf(await goOn(stage.caller(), first)))).toContain('Ada');
    await park(stage.caller(), 'd');
    const answer = await goOn(stage.caller(TOKENS.globex), elsewhere, { text: 'c' });
    expect(textOf(await answerOf(answer))).toContain('Ada');
    expect(parkedCalls(stage)).toBe(2);
  });

  it('Is given up after a minute, and cannot be gone on with then.', async () => {
    const time = new FakeTime();
    const stage = await createStage(cell, { clock: time, timers: time });
    const parking = park(stage.caller(), 'a');
    await vi.waitFor(() => {
      expect(stage.log.lines).toEqual(['asks a']);
    }, WAIT);
    // Questions that are asked in the same moment are put together.
    await time.advance(100);
    const parked = await parking;
    await time.advance(55_000);
    expect(parkedCalls(stage)).toBe(1);
    await time.advance(10_000);
    await untilParked(stage, 0);
    await vi.waitFor(() => {
      expect(stage.log.lines).toEqual(['asks a', 'cannot ask a']);
    }, WAIT);
    await expectUnknownState(stage, await goOn(stage.caller(), parked));
  });

  it('Is not kept where questions are refused, and its handler hears so.', async () => {
    const stage = await createStage(cell, { stateless: { direct: cell.direct, input: 'refuse' } });
    const { result, error } = await answerOf(await stage.caller().call(1, 'ask', 'a'));
    expect(result?.resultType).not.toBe('input_required');
    expect(error !== undefined || result?.isError === true).toBe(true);
    expect(stage.log.lines).toEqual(['asks a', 'cannot ask a']);
    expect(parkedCalls(stage)).toBe(0);
  });

  it('Is run again where questions are replayed, and nothing of it is kept.', async () => {
    const stage = await createStage(cell, { stateless: { direct: cell.direct, input: 'replay' } });
    const caller = stage.caller();
    const parked = await park(caller, 'a');
    expect(parkedCalls(stage)).toBe(0);
    await expectUnknownState(stage, await goOn(stage.caller(TOKENS.sibling), parked));
    await expectUnknownState(stage, await goOn(stage.caller(TOKENS.globex), parked));
    expect(textOf(await answerOf(await goOn(caller, parked)))).toContain('Ada');
    expect(stage.log.lines.filter((line) => line === 'goes on a')).toHaveLength(1);
    expect(stage.log.lines.filter((line) => line === 'asks a')).toHaveLength(2);
  });
});
