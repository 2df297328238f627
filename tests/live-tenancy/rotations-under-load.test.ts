import { createTessera, generateToken, type Tessera } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeTime } from '../../packages/core/test/helpers/fake-platform.js';
import { request } from '../session-era/helpers/messages.js';
import { callTool, type Asker } from './helpers/asking.js';
import { edgeRequest, openSession, readMessages, turns, untilTrue } from './helpers/client.js';
import { SDKS } from './helpers/servers.js';

const ROTATIONS = 50;
const SESSIONS = 6;
const GRACE_MS = 60_000;
/** Calls that must have come with each of two tokens while both are accepted. */
const CALLS_IN_GRACE = 50;

const opened: Tessera[] = [];

afterEach(async () => {
  for (const tessera of opened.splice(0)) await tessera.close();
});

/** Clients that call without a pause, with whichever of the tokens at hand. */
class Load {
  readonly failed: string[] = [];
  /** How many calls came back, by token. */
  readonly answered = new Map<string, number>();
  readonly #inFlight = new Map<string, number>();
  readonly #lanes: Promise<void>[];
  #tokens: readonly string[];
  #calls = 0;
  #isOver = false;

  constructor(askers: readonly Asker[], token: string) {
    this.#tokens = [token];
    this.#lanes = askers.map((asker) => this.#run(asker));
  }

  use(...tokens: readonly string[]): void {
    this.#tokens = tokens;
  }

  /** Resolves when enough calls came back that were made with a token. */
  async untilAnswered(token: string): Promise<void> {
    const enough = (this.answered.get(token) ?? 0) + CALLS_IN_GRACE;
    await untilTrue(() => this.failed.length > 0 || (this.answered.get(token) ?? 0) >= enough);
  }

  /** Resolves when no call is under way that was made with a token. */
  async untilUnused(token: string): Promise<void> {
    await untilTrue(() => (this.#inFlight.get(token) ?? 0) === 0);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#lanes);
  }

  async #run(asker: Asker): Promise<void> {
    while (!this.#isOver && this.failed.length === 0) {
      const id = (this.#calls += 1);
      const text = String(id);
      const token = this.#tokens[id % this.#tokens.length] ?? '';
      this.#count(this.#inFlight, token, 1);
      const outcome = await callTool({ ...asker, token }, { id, name: 'work', text, bodyTakes: id % 3 });
      this.#count(this.#inFlight, token, -1);
      if (outcome.text === text) this.#count(this.answered, token, 1);
      else this.failed.push(outcome.wrong ?? `"${outcome.text ?? ''}" instead of ${text}`);
    }
  }

  #count(counts: Map<string, number>, token: string, change: number): void {
    counts.set(token, (counts.get(token) ?? 0) + change);
  }
}

/** Whether a token is let in to a session. */
async function statusOf({ tessera, session }: Asker, token: string): Promise<number> {
  const message = request('who', 'ping');
  return (await tessera.handle(edgeRequest({ token, session, message }))).status;
}

describe.each(SDKS)('Rotations of a token under load ($name)', (sdk) => {
  it(`Of ${String(ROTATIONS)} rotations with a grace none fails a call, and after each grace the old token is refused.`, async () => {
    const time = new FakeTime();
    const tessera = createTessera({ clock: time, timers: time });
    opened.push(tessera);
    let token = generateToken();
    const server = (): ReturnType<typeof sdk.make> =>
      sdk.make('acme', {
        work: async ({ text }) => {
          await turns(Number(text) % 3);
          return text;
        },
      });
    tessera.addTenant({ id: 'acme', server, tokens: [token] });
    const told: string[] = [];
    tessera.on('sessionEnded', ({ reason }) => told.push(reason));
    const askers: Asker[] = [];
    const state = { ended: 0 };
    for (let index = 0; index < SESSIONS; index += 1) {
      const asker = { tessera, token, session: await openSession(tessera, token) };
      askers.push(asker);
      const { body } = await tessera.handle(edgeRequest({ ...asker, method: 'GET' }));
      if (body === null || typeof body === 'string') throw new Error('No stream was opened.');
      void readMessages(body, () => undefined).then(() => (state.ended += 1));
    }
    const load = new Load(askers, token);
    for (let rotation = 1; rotation <= ROTATIONS; rotation += 1) {
      const old = token;
      token = generateToken();
      tessera.rotateToken(old, token, { graceMs: GRACE_MS });
      load.use(old, token);
      await Promise.all([load.untilAnswered(old), load.untilAnswered(token)]);
      await time.advance(GRACE_MS - 1);
      await Promise.all([load.untilAnswered(old), load.untilAnswered(token)]);
      load.use(token);
      await load.untilUnused(old);
      await time.advance(1);
      for (const asker of askers) {
        expect(await statusOf(asker, old)).toBe(401);
        expect(await statusOf(asker, token)).toBe(200);
      }
      expect(tessera.hasToken(old)).toBe(false);
    }
    await load.end();
    expect(load.failed).toEqual([]);
    expect(told).toEqual([]);
    expect(state.ended).toBe(0);
    expect(tessera.getStats()).toMatchObject({
      tokens: 1,
      activeSessions: SESSIONS,
      openStreams: SESSIONS,
      callsInFlight: 0,
    });
  }, 60_000);
});
