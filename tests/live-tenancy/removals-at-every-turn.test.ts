import { createTessera, generateToken, type Tessera } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { callOf, edgeRequest, messagesOf, openSession, turns } from './helpers/client.js';
import { SDKS, type Sdk } from './helpers/servers.js';

/** More microtasks than a call takes from its request to its answer; the test checks that. */
const MICROTASKS = 120;

const opened: Tessera[] = [];

afterEach(async () => {
  for (const tessera of opened.splice(0)) await tessera.close();
});

/** What happened, in order. A handler is stopped when its signal had been aborted before it began. */
type Trace = ('started' | 'started stopped' | 'removed' | 'a turn later' | 'finished')[];

interface Outcome {
  /** As one text. */
  readonly trace: string;
  readonly status: number;
  readonly hasResult: boolean;
}

const REMOVALS: Readonly<Record<string, (tessera: Tessera, token: string) => unknown>> = {
  'its tenant': (tessera) => tessera.removeTenant('acme'),
  'its token': (tessera, token) => tessera.removeToken(token),
};

/** Starts a call, and removes what it hangs on after so many microtasks. */
async function removeAfter(
  microtasks: number,
  { sdk, remove }: { readonly sdk: Sdk; readonly remove: (tessera: Tessera, token: string) => unknown },
): Promise<Outcome> {
  const trace: Trace = [];
  const tessera = createTessera();
  opened.push(tessera);
  const token = generateToken();
  const server = (): ReturnType<Sdk['make']> =>
    sdk.make('acme', {
      work: async ({ signal }) => {
        trace.push(signal.aborted ? 'started stopped' : 'started');
        await Promise.resolve();
        trace.push('finished');
        return 'done';
      },
    });
  tessera.addTenant({ id: 'acme', server, tokens: [token] });
  const session = await openSession(tessera, token);
  await turns();
  const answering = tessera.handle(edgeRequest({ token, session, message: callOf(1, 'work') }));
  for (let microtask = 0; microtask < microtasks; microtask += 1) await Promise.resolve();
  remove(tessera, token);
  trace.push('removed');
  await turns();
  trace.push('a turn later');
  const answer = await answering;
  await turns(2);
  const messages = answer.status === 200 ? await messagesOf(answer) : [];
  return {
    trace: trace.join(', '),
    status: answer.status,
    hasResult: messages.some(({ result }) => result !== undefined),
  };
}

/** What comes of removals after every number of microtasks, without repetitions. */
async function everyOutcome(what: string, sdk: Sdk): Promise<Outcome[]> {
  const remove = REMOVALS[what];
  if (remove === undefined) throw new Error('There is no such removal.');
  const outcomes = new Map<string, Outcome>();
  for (let microtasks = 0; microtasks < MICROTASKS; microtasks += 1) {
    const outcome = await removeAfter(microtasks, { sdk, remove });
    outcomes.set(JSON.stringify(outcome), outcome);
  }
  return [...outcomes.values()];
}

const startsAfterRemoval = ({ trace }: Outcome): boolean => /removed.*started/.test(trace);

describe.each(SDKS)('A call whose access is removed at any moment ($name)', (sdk) => {
  it.each(Object.keys(REMOVALS))(
    'It has no result unless its handler had finished before %s was removed.',
    async (what) => {
      const outcomes = await everyOutcome(what, sdk);
      for (const { trace, status, hasResult } of outcomes) {
        expect([status, hasResult], trace).toEqual(status === 200 ? [200, true] : [401, false]);
        if (hasResult) expect(trace).toBe('started, finished, removed, a turn later');
      }
      // The removals came before the handler started, while it ran, and after the answer.
      const traces = outcomes.map(({ trace }) => trace);
      expect(traces).toContain('removed, a turn later');
      expect(traces).toContain('started, removed, finished, a turn later');
      expect(outcomes.filter(({ hasResult }) => hasResult)).toHaveLength(1);
    },
  );

  it.each(Object.keys(REMOVALS))(
    'A handler that its SDK was about to start when %s was removed finds its signal aborted.',
    async (what) => {
      for (const { trace } of await everyOutcome(what, sdk)) {
        expect(trace).not.toMatch(/removed.*started(?! stopped)/);
        expect(trace).not.toMatch(/a turn later.*started/);
      }
    },
  );

  // Both SDKs check a call's arguments in a few microtasks before they start its handler, and start it although the call
  // has been aborted meanwhile.
  it.fails.each(Object.keys(REMOVALS))('No handler starts after %s was removed.', async (what) => {
    expect((await everyOutcome(what, sdk)).filter(startsAfterRemoval)).toEqual([]);
  });
});
