import {
  createTessera,
  generateToken,
  memorySessionStore,
  type SessionStore,
  type Tessera,
} from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { callOf, edgeRequest, openSession, turns } from './helpers/client.js';
import { SDK_V1 } from './helpers/servers.js';

const opened: Tessera[] = [];

afterEach(async () => {
  for (const tessera of opened.splice(0)) await tessera.close();
});

const KEYS = { secret: generateToken() };

/** A store whose removals take a moment, as they do over a network. */
function slowStore(): SessionStore {
  const store = memorySessionStore();
  return {
    save: (place, session) => store.save(place, session),
    load: (place) => store.load(place),
    remove: async (place, owner) => {
      await turns(3);
      await store.remove(place, owner);
    },
  };
}

const STORES: readonly (readonly [string, () => SessionStore])[] = [
  ['at once', memorySessionStore],
  ['slowly', slowStore],
];

interface Place {
  readonly tessera: Tessera;
  readonly token: string;
  readonly session: string;
  readonly again: () => void;
}

/** The ways in which a session ends for good, after which its token is let in again. */
const ENDINGS: Readonly<Record<string, (place: Place) => unknown>> = {
  'was deleted': ({ tessera, token, session }) =>
    tessera.handle(edgeRequest({ method: 'DELETE', token, session })),
  'went with its token': ({ tessera, token }) => {
    tessera.removeToken(token);
    tessera.addToken('acme', token);
  },
  'went with its tenant': ({ tessera, again }) => {
    tessera.removeTenant('acme');
    again();
  },
};

/** Ends a session, and calls it at once; gives the status of the answer and what reached a handler. */
async function callAfter(how: string, store: SessionStore): Promise<{ status: number; handled: string[] }> {
  const tessera = createTessera({ keys: KEYS, stores: { sessions: store } });
  opened.push(tessera);
  const token = generateToken();
  const handled: string[] = [];
  const echo = ({ text }: { readonly text: string }): string => {
    handled.push(text);
    return text;
  };
  const again = (): void => {
    tessera.addTenant({ id: 'acme', server: () => SDK_V1.make('acme', { echo }), tokens: [token] });
  };
  again();
  const session = await openSession(tessera, token);
  await ENDINGS[how]?.({ tessera, token, session, again });
  const { status } = await tessera.handle(
    edgeRequest({ token, session, message: callOf(1, 'echo', 'back') }),
  );
  return { status, handled };
}

describe.each(STORES)('A session in a store that forgets %s', (_speed, makeStore) => {
  // The store may be asked for a session while it is being removed there, and still have it.
  it.each(Object.keys(ENDINGS))('Does not come back when it %s.', async (how) => {
    expect(await callAfter(how, makeStore())).toEqual({ status: 404, handled: [] });
  });
});
