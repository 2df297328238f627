import { createTessera, generateToken, type Tessera } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { callTool, type Asker } from './helpers/asking.js';
import { edgeRequest, openSession, readMessages, turns, untilTrue } from './helpers/client.js';
import { SDKS, type Sdk } from './helpers/servers.js';
import { Victim } from './helpers/victim.js';

const REMOVALS = 1000;
/** Victims that are in use at the same time. */
const WAVE = 20;

/** Of many that are wrong, the first say enough. */
const SHOWN = 20;

const opened: Tessera[] = [];

afterEach(async () => {
  for (const tessera of opened.splice(0)) await tessera.close();
});

const WIDE = { sessions: 10_000, initializeBurst: 100_000, calls: 10_000, streams: 10_000 };

/** Clients of tenants and tokens that nobody removes. */
class Bystanders {
  readonly failed: string[] = [];
  calls = 0;
  heard = 0;
  #isOver = false;
  readonly #lanes: Promise<void>[];

  constructor(askers: readonly Asker[]) {
    this.#lanes = askers.map((asker) => this.#run(asker));
    for (const asker of askers) void this.#listen(asker);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#lanes);
  }

  async #run(asker: Asker): Promise<void> {
    while (!this.#isOver && this.failed.length === 0) {
      this.calls += 1;
      const text = String(this.calls);
      const outcome = await callTool(asker, {
        id: this.calls,
        name: 'work',
        text,
        bodyTakes: this.calls % 3,
      });
      if (outcome.text !== text)
        this.failed.push(outcome.wrong ?? `"${outcome.text ?? ''}" instead of ${text}`);
    }
  }

  async #listen({ tessera, token, session }: Asker): Promise<void> {
    const { body } = await tessera.handle(edgeRequest({ method: 'GET', token, session }));
    if (body === null || typeof body === 'string') throw new Error('No stream was opened.');
    await readMessages(body, () => {
      this.heard += 1;
    });
    if (!this.#isOver) this.failed.push('a stream ended');
  }
}

/** A number that says when something is done: the same in every run. */
function sequence(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16) % below;
  };
}

/** A victim, and how it ends. */
interface Doomed {
  readonly victim: Victim;
  /** Done shortly before the end. */
  readonly disturb: () => void;
  readonly remove: () => boolean;
}

/** The world in which things are removed. */
class Removals {
  readonly tessera: Tessera = createTessera({ limits: { ...WIDE, totalSessions: 10_000 } });
  /** Updates and the like that were under way. */
  readonly disturbances: Promise<unknown>[] = [];
  readonly #sdk: Sdk;
  /** Whose server a session of the shared tenant gets. */
  readonly #byToken = new Map<string, Victim>();

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
    opened.push(this.tessera);
    const bystander = new Victim(this.tessera, '');
    this.tessera.addTenant({
      id: 'shared',
      server: ({ principal }) =>
        (this.#byToken.get(principal.tokenId) ?? bystander).makeServer('shared', sdk),
    });
    this.tessera.addTenant({ id: 'neighbour', server: () => bystander.makeServer('neighbour', sdk) });
  }

  /** Opens sessions of tokens that stay, in the tenant that loses others and in one that loses none. */
  async bystanders(): Promise<Bystanders> {
    const askers: Asker[] = [];
    for (const tenant of ['shared', 'neighbour', 'shared', 'neighbour']) {
      const token = generateToken();
      this.tessera.addToken(tenant, token);
      askers.push({ tessera: this.tessera, token, session: await openSession(this.tessera, token) });
    }
    return new Bystanders(askers);
  }

  /** A tenant with a server of its own. Of some, the server is being replaced when they are removed. */
  tenant(index: number): Doomed {
    const id = `tenant ${String(index)}`;
    const token = generateToken();
    const victim = new Victim(this.tessera, token);
    const server = (): ReturnType<Sdk['make']> => victim.makeServer(id, this.#sdk);
    this.tessera.addTenant({ id, server, tokens: [token] });
    const slowServer = async (): Promise<ReturnType<Sdk['make']>> => {
      await turns(index % 3);
      return server();
    };
    return {
      victim,
      disturb: () => {
        if (index % 4 === 0) this.disturbances.push(this.tessera.updateTenant(id, { server: slowServer }));
      },
      remove: () => this.tessera.removeTenant(id),
    };
  }

  /** A token of the shared tenant. Some are replaced before they are removed. */
  token(index: number): Doomed {
    let token = generateToken();
    const victim = new Victim(this.tessera, token);
    const { tokenId } = this.tessera.addToken('shared', token);
    this.#byToken.set(tokenId, victim);
    return {
      victim,
      disturb: () => {
        if (index % 4 !== 0) return;
        const next = generateToken();
        this.tessera.rotateToken(token, next, { graceMs: 60_000 });
        // During the grace both are used; with the new one, both are removed.
        if (index % 8 === 0) victim.useToken(next);
        token = next;
      },
      remove: () => this.tessera.removeToken(index % 2 === 0 ? token : { tokenId }),
    };
  }
}

describe.each(SDKS)('Removals under load ($name)', (sdk) => {
  it.each(['tenant', 'token'] as const)(
    `After each of ${String(REMOVALS / 2)} removals of a %s nothing of it goes on, and nobody else notices.`,
    async (kind) => {
      const world = new Removals(sdk);
      const { tessera } = world;
      const ended: string[] = [];
      tessera.on('sessionEnded', ({ sessionId, reason }) => ended.push(`${reason} ${sessionId}`));
      const bystanders = await world.bystanders();
      const stats = tessera.getStats();
      const random = sequence(1);
      const wrong: string[] = [];
      const refusals = new Set<string>();
      let results = 0;
      for (let first = 0; first < REMOVALS / 2; first += WAVE) {
        const doomed = Array.from({ length: WAVE }, (_none, index) => world[kind](first + index));
        await Promise.all(doomed.map(({ victim }) => victim.start()));
        await untilTrue(() => doomed.every(({ victim }) => victim.isBusy));
        for (const { victim, disturb, remove } of doomed) {
          victim.openAnother();
          disturb();
          await turns(random(5));
          expect(remove()).toBe(true);
          victim.removed();
        }
        for (const { victim } of doomed) {
          await victim.ended();
          wrong.push(...victim.wrong);
          for (const refusal of victim.refusals.keys()) refusals.add(refusal);
          results += victim.results;
        }
      }
      await Promise.all(world.disturbances);
      expect(wrong.slice(0, SHOWN)).toEqual([]);
      // Every kind of request was refused or ended at least once.
      expect([...refusals].sort()).toEqual([
        'hold 401',
        'initialize 401',
        'the GET stream ended with an error',
        'tick ended with an error',
        'work 401',
      ]);
      expect(results).toBeGreaterThan(REMOVALS);
      expect(bystanders.failed).toEqual([]);
      expect(bystanders.calls).toBeGreaterThan(REMOVALS);
      expect(new Set(ended).size).toBe(ended.length);
      expect(ended.length).toBeGreaterThanOrEqual(REMOVALS / 2);
      const reason = kind === 'tenant' ? 'tenantRemoved' : 'revoked';
      expect(ended.filter((one) => !one.startsWith(`${reason} `))).toEqual([]);
      await bystanders.end();
      expect(tessera.getStats()).toEqual({ ...stats, callsInFlight: 0, openStreams: 4 });
    },
    60_000,
  );
});
