import { createTessera, generateToken, type Answer, type Tessera } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { callTool } from './helpers/asking.js';
import { callOf, edgeRequest, messagesOf, openSession, untilTrue } from './helpers/client.js';
import { SDKS, type Sdk } from './helpers/servers.js';

const opened: Tessera[] = [];

afterEach(async () => {
  for (const tessera of opened.splice(0)) await tessera.close();
});

const REMOVALS: Readonly<Record<string, (tessera: Tessera, token: string) => unknown>> = {
  'its tenant': (tessera) => tessera.removeTenant('acme'),
  'its token': (tessera, token) => tessera.removeToken(token),
};

interface Ended {
  readonly answer: Answer;
  readonly signals: readonly AbortSignal[];
}

/** What a call gets that is under way on a server which has been replaced, when its access is removed. */
async function removeDuringCall(what: string, sdk: Sdk): Promise<Ended> {
  const tessera = createTessera();
  opened.push(tessera);
  const token = generateToken();
  const signals: AbortSignal[] = [];
  const server = (): ReturnType<Sdk['make']> =>
    sdk.make('acme', {
      hold: ({ signal }) => {
        signals.push(signal);
        return new Promise<never>(() => undefined);
      },
      echo: ({ text }) => text,
    });
  tessera.addTenant({ id: 'acme', server, tokens: [token] });
  const session = await openSession(tessera, token);
  const waiting = tessera.handle(edgeRequest({ token, session, message: callOf(1, 'hold') }));
  await untilTrue(() => signals.length === 1);
  await tessera.updateTenant('acme', { server });
  // With this call the new server takes over.
  expect(await callTool({ tessera, token, session }, { id: 2, name: 'echo', text: 'new' })).toEqual({
    text: 'new',
  });
  expect(signals[0]?.aborted).toBe(false);
  REMOVALS[what]?.(tessera, token);
  return { answer: await waiting, signals };
}

describe.each(SDKS)('A call on a server that was replaced ($name)', (sdk) => {
  it.each(Object.keys(REMOVALS))(
    'Is aborted and settled without a result when %s is removed.',
    async (what) => {
      const { answer, signals } = await removeDuringCall(what, sdk);
      expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
      expect([200, 401]).toContain(answer.status);
      if (answer.status === 200) expect((await messagesOf(answer))[0]?.error?.code).toBe(-32000);
    },
  );

  it.each(Object.keys(REMOVALS))(
    'Is answered with 401 when %s is removed, like all others.',
    async (what) => {
      expect((await removeDuringCall(what, sdk)).answer.status).toBe(401);
    },
  );
});
