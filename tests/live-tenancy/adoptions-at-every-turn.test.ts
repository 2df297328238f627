import {
  createTessera,
  generateToken,
  memorySessionStore,
  type SessionStore,
  type Tessera,
} from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { callOf, edgeRequest, openSession, turns } from './helpers/client.js';
import { SDKS, type Sdk } from './helpers/servers.js';

/** More microtasks than it takes to go on with a session and to answer a call in it; the test checks that. */
const MICROTASKS = 200;

const KEYS = { secret: generateToken() };

const opened: Tessera[] = [];

afterEach(async () => {
  for (const tessera of opened.splice(0)) await tessera.close();
});

interface Setting {
  readonly sdk: Sdk;
  readonly remove: (tessera: Tessera, token: string) => unknown;
}

const REMOVALS: Readonly<Record<string, Setting['remove']>> = {
  'its tenant': (tessera) => tessera.removeTenant('acme'),
  'its token': (tessera, token) => tessera.removeToken(token),
};

interface Outcome {
  readonly trace: string;
  readonly status: number;
  readonly activeSessions: number;
  readonly callsInFlight: number;
}

/** A tessera that goes on with what the store has. */
function makeTessera(
  store: SessionStore,
  trace: string[],
  { sdk, token }: { sdk: Sdk; token: string },
): Tessera {
  const tessera = createTessera({ keys: KEYS, stores: { sessions: store } });
  opened.push(tessera);
  const server = (): ReturnType<Sdk['make']> => {
    trace.push('made');
    return sdk.make('acme', {
      work: ({ signal }) => {
        trace.push(signal.aborted ? 'started stopped' : 'started');
        return 'done';
      },
    });
  };
  tessera.addTenant({ id: 'acme', server, tokens: [token] });
  return tessera;
}

/** Has another tessera go on with a session, and removes what it hangs on after so many microtasks. */
async function removeAfter(microtasks: number, { sdk, remove }: Setting): Promise<Outcome> {
  const inner = memorySessionStore();
  const store: SessionStore = { ...bound(inner), load: async (place) => Promise.resolve(inner.load(place)) };
  const token = generateToken();
  const first = makeTessera(store, [], { sdk, token });
  const session = await openSession(first, token);
  await first.close();
  const trace: string[] = [];
  const second = makeTessera(store, trace, { sdk, token });
  const answering = second.handle(edgeRequest({ token, session, message: callOf(1, 'work') }));
  for (let microtask = 0; microtask < microtasks; microtask += 1) await Promise.resolve();
  remove(second, token);
  trace.push('removed');
  const { status } = await answering;
  await turns();
  const { activeSessions, callsInFlight } = second.getStats();
  return { trace: trace.join(', '), status, activeSessions, callsInFlight };
}

function bound(store: SessionStore): Pick<SessionStore, 'save' | 'remove'> {
  return {
    save: (place, session) => store.save(place, session),
    remove: (place, owner) => store.remove(place, owner),
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

describe.each(SDKS)('A session that is being taken over when its access is removed ($name)', (sdk) => {
  it.each(Object.keys(REMOVALS))('Goes on when %s is removed later, and not when before.', async (what) => {
    const outcomes = await everyOutcome(what, sdk);
    expect(outcomes.filter(({ callsInFlight }) => callsInFlight > 0)).toEqual([]);
    expect(outcomes.map(({ trace, status }) => `${trace}: ${String(status)}`)).toEqual(
      expect.arrayContaining(['removed: 401', 'made, removed: 401', 'made, started, removed: 200']),
    );
  });

  it('Is not there any more when its token was removed.', async () => {
    const outcomes = await everyOutcome('its token', sdk);
    expect(outcomes.filter(({ activeSessions }) => activeSessions > 0)).toEqual([]);
  });

  it.each(Object.keys(REMOVALS))(
    'Starts no handler after %s was removed, but with an aborted signal, and gives no result.',
    async (what) => {
      for (const { trace, status } of await everyOutcome(what, sdk)) {
        expect(trace).not.toMatch(/removed.*started(?! stopped)/);
        if (status === 200) expect(trace).toBe('made, started, removed');
      }
    },
  );

  it.each(Object.keys(REMOVALS))('Has no server made after %s was removed.', async (what) => {
    const outcomes = await everyOutcome(what, sdk);
    expect(outcomes.filter(({ trace }) => /removed.*made/.test(trace))).toEqual([]);
  });
});
