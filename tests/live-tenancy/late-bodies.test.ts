import { createTessera, generateToken, type Tessera } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeTime } from '../../packages/core/test/helpers/fake-platform.js';
import { initializeMessage } from '../session-era/helpers/messages.js';
import { callOf, edgeRequest, openSession } from './helpers/client.js';
import { SDK_V1 } from './helpers/servers.js';

const VALID_MS = 60_000;

const opened: Tessera[] = [];

afterEach(async () => {
  for (const tessera of opened.splice(0)) await tessera.close();
});

/** A token that stops being valid after a minute, in a session that was opened with it. */
interface Place {
  readonly tessera: Tessera;
  readonly time: FakeTime;
  readonly token: string;
  readonly session: string;
  /** What the handler was called with. */
  readonly handled: string[];
}

/** How a token stops being valid by itself. */
type Ending = (tessera: Tessera, token: string, time: FakeTime) => void;

const byRotation: Ending = (tessera, token) => {
  tessera.addToken('acme', token);
  tessera.rotateToken(token, generateToken(), { graceMs: VALID_MS });
};

const byExpiry: Ending = (tessera, token, time) => {
  tessera.addToken('acme', token, { expiresAt: time.now() + VALID_MS });
};

const ENDINGS = [
  ['whose grace is over', byRotation],
  ['that has expired', byExpiry],
] as const;

async function openPlace(ending: Ending): Promise<Place> {
  const time = new FakeTime();
  const tessera = createTessera({ clock: time, timers: time });
  opened.push(tessera);
  const handled: string[] = [];
  const echo = ({ text }: { readonly text: string }): string => {
    handled.push(text);
    return text;
  };
  tessera.addTenant({ id: 'acme', server: () => SDK_V1.make('acme', { echo }) });
  const token = generateToken();
  ending(tessera, token, time);
  return { tessera, time, token, session: await openSession(tessera, token), handled };
}

/** Sends a message whose body comes only after so much time; gives the status of the answer. */
async function sendSlowly(
  { tessera, time, token }: Place,
  message: object,
  session?: string,
): Promise<number> {
  const request = edgeRequest({ token, message, ...(session === undefined ? {} : { session }) });
  const answer = await tessera.handle({
    ...request,
    text: async (maximum) => {
      await time.advance(VALID_MS);
      return request.text(maximum);
    },
  });
  return answer.status;
}

async function handledLate(ending: Ending): Promise<string[]> {
  const place = await openPlace(ending);
  await sendSlowly(place, callOf(1, 'echo', 'late'), place.session);
  return place.handled;
}

describe.each(ENDINGS)('A token %s', (_how, ending) => {
  it('Is refused from that moment on.', async () => {
    const { tessera, time, token, session, handled } = await openPlace(ending);
    const call = (): Promise<{ status: number }> =>
      tessera.handle(edgeRequest({ token, session, message: callOf(1, 'echo', 'called') }));
    await time.advance(VALID_MS - 1);
    expect((await call()).status).toBe(200);
    await time.advance(1);
    expect((await call()).status).toBe(401);
    expect(handled).toEqual(['called']);
  });

  it('Opens no session for a request whose body comes later.', async () => {
    expect(await sendSlowly(await openPlace(ending), initializeMessage())).toBe(401);
  });
});

describe('A call whose body comes late', () => {
  it('Reaches no handler when its token has expired, because its session has ended.', async () => {
    expect(await handledLate(byExpiry)).toEqual([]);
  });

  it('Reaches no handler when the grace of its token is over.', async () => {
    expect(await handledLate(byRotation)).toEqual([]);
  });
});
