import { createTessera, generateToken, type ServerFactory, type Tessera } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { callTool, toolsOf, type Asker } from './helpers/asking.js';
import { edgeRequest, openSession, readMessages, turns, untilTrue } from './helpers/client.js';
import { SDK_V1, SDK_V2, type Sdk } from './helpers/servers.js';

const UPDATES = 100;
const CALLS = 10_000;
const SESSIONS = 8;
/** Calls that each session has in flight all the time. */
const LANES = 2;

const opened: Tessera[] = [];

afterEach(async () => {
  for (const tessera of opened.splice(0)) await tessera.close();
});

/** Which SDK each plan's server is made of. */
const MAKERS: readonly { readonly name: string; readonly sdkOf: (plan: number) => Sdk }[] = [
  { name: 'SDK v1', sdkOf: () => SDK_V1 },
  { name: 'SDK v2', sdkOf: () => SDK_V2 },
  { name: 'SDK v1 and v2 by turns', sdkOf: (plan) => (plan % 2 === 0 ? SDK_V1 : SDK_V2) },
];

/** Calls of the tool `hold` that go on until their plan is let go. */
class HeldCalls {
  readonly #holding = new Map<number, () => void>();

  hold(plan: number): Promise<void> {
    return new Promise((resolve) => this.#holding.set(plan, resolve));
  }

  isHeld(plan: number): boolean {
    return this.#holding.has(plan);
  }

  release(plan: number): void {
    this.#holding.get(plan)?.();
  }
}

const toolNames = (plan: number): string[] => ['work', 'hold', `only_in_plan_${String(plan)}`];

function planServer(plan: number, sdk: Sdk, held: HeldCalls): ServerFactory {
  const saying = `plan ${String(plan)}`;
  return () =>
    sdk.make(saying, {
      work: async ({ text }) => {
        // Some calls are over at once, and some are under way while the server is replaced.
        await turns(Number(text) % 4);
        return `${saying}: ${text}`;
      },
      hold: async ({ text }) => {
        await held.hold(plan);
        return `${saying}: ${text}`;
      },
      [`only_in_plan_${String(plan)}`]: () => saying,
    });
}

/** Clients that call without a pause. */
class Load {
  readonly failed: string[] = [];
  calls = 0;
  #isOver = false;
  readonly #lanes: Promise<void>[];

  constructor(askers: readonly Asker[]) {
    this.#lanes = askers.flatMap((asker) => Array.from({ length: LANES }, () => this.#run(asker)));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#lanes);
  }

  async #run(asker: Asker): Promise<void> {
    while (this.failed.length === 0 && (!this.#isOver || this.calls < CALLS)) {
      this.calls += 1;
      const text = String(this.calls);
      const outcome = await callTool(asker, {
        id: this.calls,
        name: 'work',
        text,
        bodyTakes: this.calls % 2,
      });
      if (outcome.wrong !== undefined) this.failed.push(outcome.wrong);
      else if (
        !/^plan \d+: (\d+)$/.test(outcome.text ?? '') ||
        outcome.text?.endsWith(`: ${text}`) !== true
      ) {
        this.failed.push(`"${outcome.text ?? ''}" instead of ${text}`);
      }
    }
  }
}

describe.each(MAKERS)('Updates of a server under load ($name)', ({ sdkOf }) => {
  it(`${String(UPDATES)} updates fail none of ${String(CALLS)} calls, and each shows in the next list of every session.`, async () => {
    const tessera = createTessera();
    opened.push(tessera);
    const held = new HeldCalls();
    const tokens = [generateToken(), generateToken()];
    tessera.addTenant({ id: 'acme', server: planServer(0, sdkOf(0), held), tokens });
    const told: string[] = [];
    tessera.on('sessionEnded', ({ reason }) => told.push(reason));
    tessera.on('transportError', ({ error }) => told.push(String(error)));
    tessera.on('serverFailed', ({ error }) => told.push(String(error)));
    const askers: Asker[] = [];
    for (let index = 0; index < SESSIONS; index += 1) {
      const token = tokens[index % tokens.length] ?? '';
      askers.push({ tessera, token, session: await openSession(tessera, token) });
    }
    const heard = await Promise.all(askers.map((asker) => listChangesHeard(asker)));
    const load = new Load(askers);
    for (let plan = 1; plan <= UPDATES; plan += 1) {
      await untilTrue(() => load.failed.length > 0 || load.calls >= (plan * CALLS) / (UPDATES + 1));
      const slow = askers[plan % SESSIONS] as Asker;
      const finishing = callTool(slow, { id: -plan, name: 'hold', text: 'slow' });
      await untilTrue(() => held.isHeld(plan - 1));
      const before = heard.map(({ count }) => count);
      await tessera.updateTenant('acme', { server: planServer(plan, sdkOf(plan), held) });
      for (const [index, asker] of askers.entries()) {
        expect(await toolsOf(asker, -1000 - plan)).toEqual(toolNames(plan));
        expect(heard[index]?.count).toBeGreaterThan(before[index] ?? Infinity);
      }
      // What began on the old server ends there, after the new one has taken over.
      held.release(plan - 1);
      expect(await finishing).toEqual({ text: `plan ${String(plan - 1)}: slow` });
    }
    await load.end();
    expect(load.failed).toEqual([]);
    expect(load.calls).toBeGreaterThanOrEqual(CALLS);
    expect(told).toEqual([]);
    expect(tessera.getTenant('acme')?.generation).toBe(UPDATES + 1);
    expect(tessera.getStats()).toMatchObject({ activeSessions: SESSIONS, callsInFlight: 0 });
  }, 60_000);
});

/** Counts on a GET stream how often a session hears that its tools have changed. */
async function listChangesHeard({ tessera, token, session }: Asker): Promise<{ readonly count: number }> {
  const heard = { count: 0 };
  const { body } = await tessera.handle(edgeRequest({ method: 'GET', token, session }));
  if (body === null || typeof body === 'string') throw new Error('No stream was opened.');
  void readMessages(body, ({ method }) => {
    if (method === 'notifications/tools/list_changed') heard.count += 1;
  });
  return heard;
}
