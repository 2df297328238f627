import { expect } from 'vitest';
import { INITIALIZE, McpSession, POST_HEADERS, type Sender } from '../fixtures/mcp-session.js';
import { ATTEMPTS, seeAnswer, type Attempt, type SeenAnswer } from './attempts.js';
import { Owner } from './owner.js';
import { TOKENS, type OwnershipWorld, type UsersOf } from './ownership-world.js';
import { changingNothing, expectOneRefusal } from './refusals.js';
import { forgedIds, unknownId } from './session-ids.js';

/** Where the checks run: a world, and a client of whatever its tessera is mounted in. */
export interface OwnershipPlace {
  readonly world: OwnershipWorld;
  readonly client: Sender;
  /** Whether a header that comes twice is seen as two. */
  readonly seesDuplicates: boolean;
}

/** One thing that must hold of who may use a session. */
export interface OwnershipCheck {
  /** A full sentence. */
  readonly name: string;
  /** Who knows the tokens of users in its world. @default 'verifier' */
  readonly users?: UsersOf;
  readonly run: (place: OwnershipPlace) => Promise<void>;
}

interface Stranger {
  readonly name: string;
  readonly token: string;
  /** Whose session it is. */
  readonly owner: string;
}

const STRANGERS: readonly Stranger[] = [
  { name: 'of another tenant', token: TOKENS.globex, owner: TOKENS.acme },
  { name: 'with another token of the same tenant', token: TOKENS.sibling, owner: TOKENS.acme },
  { name: 'who is another user of the same tenant', token: TOKENS.bob, owner: TOKENS.alice },
  { name: 'whom only a verifier knows', token: TOKENS.alice, owner: TOKENS.acme },
  { name: 'whose token the verifier does not know', token: TOKENS.acme, owner: TOKENS.alice },
];

const STRANGERS_TO_PROVIDERS: readonly Stranger[] = [
  { name: 'with another token of the same provider', token: TOKENS.bob, owner: TOKENS.alice },
  { name: 'with another token of the same user', token: TOKENS.aliceAgain, owner: TOKENS.alice },
  { name: 'whom only a provider knows', token: TOKENS.alice, owner: TOKENS.acme },
  { name: 'whose token the provider does not know', token: TOKENS.acme, owner: TOKENS.alice },
];

/** What anybody gets for a session that never was, by attempt. */
export async function unknownAnswers(client: Sender, token: string, id: string): Promise<SeenAnswer[]> {
  const answers: SeenAnswer[] = [];
  for (const attempt of ATTEMPTS) {
    const answer = await seeAnswer(client, attempt, { token, sessionId: unknownId(id) });
    expect(answer.status, attempt.name).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({ jsonrpc: '2.0', error: { code: -32001 } });
    answers.push(answer);
  }
  return answers;
}

/** A try to use a session that is not the caller's. */
interface Try {
  readonly token: string;
  readonly sessionId: string | readonly string[];
  readonly owner: Owner;
  /** What an unknown id gets. */
  readonly expected: readonly SeenAnswer[];
}

/** Tries a session id in every way, and expects each time what an unknown one gets, one refusal, and no effect. */
async function expectUnknown(
  { client, world }: OwnershipPlace,
  { token, sessionId, owner, expected }: Try,
): Promise<void> {
  const secrets = [token, owner.id, ...Object.values(TOKENS)];
  const told = new Set<string>();
  for (const [index, attempt] of ATTEMPTS.entries()) {
    const { value, refusals } = await changingNothing({ world, secrets }, () =>
      seeAnswer(client, attempt, { token, sessionId }),
    );
    expect(value, attempt.name).toEqual(expected[index]);
    const { tenantId, fingerprint, sessionFingerprint } = expectOneRefusal(refusals, attempt.method);
    told.add([tenantId, fingerprint, sessionFingerprint].join(' '));
  }
  expect(told.size, 'the same caller and the same id have the same fingerprints').toBe(1);
}

const strangers: readonly OwnershipCheck[] = STRANGERS.map(({ name, token, owner: ownersToken }) => ({
  name: `To a caller ${name}, a session is unknown in every method, and its owner notices nothing.`,
  run: async (place) => {
    const owner = await Owner.open(place.client, place.world, ownersToken);
    // A caller with a session of its own is no closer to others'.
    await McpSession.open(place.client, '/mcp', token);
    const expected = await unknownAnswers(place.client, token, owner.id);
    await expectUnknown(place, { token, sessionId: owner.id, owner, expected });
    await owner.expectUnharmed();
  },
}));

const strangersToProviders: readonly OwnershipCheck[] = STRANGERS_TO_PROVIDERS.map(
  ({ name, token, owner: ownersToken }) => ({
    name: `To a caller ${name}, a session is unknown in every method, and no tenant is left of the caller.`,
    users: 'provider',
    run: async (place) => {
      const owner = await Owner.open(place.client, place.world, ownersToken);
      const expected = await unknownAnswers(place.client, token, owner.id);
      await expectUnknown(place, { token, sessionId: owner.id, owner, expected });
      await owner.expectUnharmed();
    },
  }),
);

const forged: OwnershipCheck = {
  name: 'Ids that were made from a real one are unknown in every method, also to its owner.',
  run: async (place) => {
    const owner = await Owner.open(place.client, place.world, TOKENS.acme);
    const expected = await unknownAnswers(place.client, TOKENS.acme, owner.id);
    for (const [how, sessionId] of Object.entries(forgedIds(owner.id))) {
      await expectUnknown(place, { token: TOKENS.acme, sessionId, owner, expected }).catch(
        (error: unknown) => {
          throw new Error(`An id with ${how}: ${String(error)}`, { cause: error });
        },
      );
    }
    await owner.expectUnharmed();
  },
};

const ended: OwnershipCheck = {
  name: 'A session that has ended is unknown in every method.',
  run: async (place) => {
    const owner = await Owner.open(place.client, place.world, TOKENS.acme);
    const session = await McpSession.open(place.client, '/mcp', TOKENS.acme);
    expect((await session.delete()).status).toBe(200);
    const expected = await unknownAnswers(place.client, TOKENS.acme, owner.id);
    await expectUnknown(place, { token: TOKENS.acme, sessionId: session.id, owner, expected });
    await owner.expectUnharmed();
  },
};

const missing: OwnershipCheck = {
  name: 'Without a session id every method is refused with 400, the same for everybody, and nothing is made.',
  run: async ({ client, world }) => {
    const owner = await Owner.open(client, world, TOKENS.acme);
    for (const attempt of ATTEMPTS) {
      const answers: SeenAnswer[] = [];
      for (const token of [TOKENS.acme, TOKENS.globex, TOKENS.alice]) {
        const secrets = Object.values(TOKENS);
        const { value, refusals } = await changingNothing({ world, secrets }, () =>
          seeAnswer(client, attempt, { token }),
        );
        expect(refusals).toEqual([]);
        answers.push(value);
      }
      expect(answers[0]?.status, attempt.name).toBe(400);
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    }
    await owner.expectUnharmed();
  },
};

const duplicates: OwnershipCheck = {
  name: 'Two session ids open nothing, whosever they are and in whichever order they come.',
  run: async (place) => {
    const { client, world } = place;
    const owner = await Owner.open(client, world, TOKENS.acme);
    const { id: foreign } = await McpSession.open(client, '/mcp', TOKENS.globex);
    const pairs = [
      [owner.id, owner.id],
      [owner.id, foreign],
      [foreign, owner.id],
      [owner.id, unknownId(owner.id)],
      [unknownId(owner.id), unknownId(owner.id)],
    ];
    const expected = await unknownAnswers(client, TOKENS.acme, owner.id);
    const refused = new Map<Attempt, SeenAnswer>();
    for (const sessionId of pairs) {
      if (!place.seesDuplicates) {
        await expectUnknown(place, { token: TOKENS.acme, sessionId, owner, expected });
        continue;
      }
      for (const attempt of ATTEMPTS) {
        const secrets = [owner.id, foreign, ...Object.values(TOKENS)];
        const { value } = await changingNothing({ world, secrets }, () =>
          seeAnswer(client, attempt, { token: TOKENS.acme, sessionId }),
        );
        expect(value.status, attempt.name).toBe(400);
        expect(value).toEqual(refused.get(attempt) ?? value);
        refused.set(attempt, value);
      }
    }
    await owner.expectUnharmed();
  },
};

const initialize: OwnershipCheck = {
  name: 'A new session is opened with a foreign id as with an unknown one, and gets an id of its own.',
  run: async ({ client, world }) => {
    const owner = await Owner.open(client, world, TOKENS.acme);
    const ids = new Set([owner.id]);
    const bodies = new Set<string>();
    for (const sessionId of [owner.id, unknownId(owner.id)]) {
      const headers = {
        ...POST_HEADERS,
        authorization: `Bearer ${TOKENS.globex}`,
        'mcp-session-id': sessionId,
      };
      const reply = await client.send({ method: 'POST', path: '/mcp', headers, body: INITIALIZE });
      expect(reply.status).toBe(200);
      ids.add(reply.header('mcp-session-id') ?? sessionId);
      bodies.add(await reply.text());
    }
    expect(ids.size).toBe(3);
    expect(bodies.size).toBe(1);
    await owner.expectUnharmed();
  },
};

/** Whose requests are refused because of the session. */
export const strangersChecks: readonly OwnershipCheck[] = [
  ...strangers,
  ...strangersToProviders,
  forged,
  ended,
  missing,
  duplicates,
  initialize,
];
