import type { SessionStore } from '@tessera-mcp/core';
import { expect } from 'vitest';
import { INITIALIZE, POST_HEADERS, textResult, type Sender } from '../fixtures/mcp-session.js';
import { ATTEMPTS, requestOf, seeAnswer } from './attempts.js';
import { unknownAnswers } from './ownership-checks.js';
import { OwnershipWorld, TOKENS } from './ownership-world.js';
import { changingNothing, expectOneRefusal } from './refusals.js';

/** Where sessions come from a store: the mounted world shares it with another one. */
export interface KeptSessionPlace {
  readonly world: OwnershipWorld;
  readonly client: Sender;
  readonly store: SessionStore;
}

/** Opens a session in another world, which ends then as a process does that is replaced. */
async function openElsewhere(store: SessionStore, token: string): Promise<string> {
  const elsewhere = new OwnershipWorld({ store });
  const headers = { ...(POST_HEADERS as Record<string, string>), authorization: `Bearer ${token}` };
  const request = new Request('http://localhost/mcp', { method: 'POST', headers, body: INITIALIZE });
  const opened = await elsewhere.tessera.fetch(request);
  await opened.text();
  await elsewhere.tessera.close();
  const id = opened.headers.get('mcp-session-id');
  if (id === null) throw new Error(`No session was opened: ${String(opened.status)}`);
  return id;
}

const OWNERS: Readonly<Record<string, string>> = {
  'of a token': TOKENS.acme,
  'of a user whom a verifier knows': TOKENS.alice,
};

const STRANGERS: readonly string[] = [TOKENS.sibling, TOKENS.globex, TOKENS.bob];

/** A session that only the store has is taken over for its owner, and for nobody else. */
export const keptSessionChecks: readonly {
  readonly name: string;
  readonly run: (place: KeptSessionPlace) => Promise<void>;
}[] = Object.entries(OWNERS).map(([whose, owner]) => ({
  name: `A session ${whose} that a store keeps is unknown to others in every method, and goes on for its owner.`,
  run: async ({ world, client, store }) => {
    const sessionId = await openElsewhere(store, owner);
    const secrets = [sessionId, ...Object.values(TOKENS)];
    for (const token of STRANGERS) {
      const expected = await unknownAnswers(client, token, sessionId);
      for (const [index, attempt] of ATTEMPTS.entries()) {
        const { value, refusals } = await changingNothing({ world, secrets }, () =>
          seeAnswer(client, attempt, { token, sessionId }),
        );
        expect(value, attempt.name).toEqual(expected[index]);
        expectOneRefusal(refusals, attempt.method);
      }
    }
    expect(world.tessera.getStats().activeSessions).toBe(0);
    const [call] = ATTEMPTS;
    if (call === undefined) throw new Error('There is no attempt.');
    const answer = await client.send(requestOf(call, { token: owner, sessionId }));
    expect(await answer.json()).toEqual(textResult(5, 'hello'));
    expect(world.tessera.getStats().activeSessions).toBe(1);
  },
}));
