import { generateToken } from '@tessera-mcp/core';
import { expect } from 'vitest';
import { McpSession, textResult, toolCall } from '../fixtures/mcp-session.js';
import { until } from '../waiting.js';
import { ATTEMPTS, HELD_CALL, requestOf, seeAnswer } from './attempts.js';
import { messagesIn, Owner } from './owner.js';
import type { OwnershipCheck, OwnershipPlace } from './ownership-checks.js';
import { TOKENS } from './ownership-world.js';
import { changingNothing } from './refusals.js';
import { unknownId } from './session-ids.js';

/** A token that lets nobody in any more, and the session it is tried on. */
interface DeadToken {
  readonly token: string;
  readonly sessionId: string;
  /** Somebody who is not concerned. */
  readonly bystander: Owner;
}

/** The ways a token ends. */
const ENDINGS: Readonly<Record<string, (place: OwnershipPlace) => Promise<DeadToken>>> = {
  'was removed': async ({ client, world }) => {
    const token = generateToken();
    world.tessera.addToken('acme', token);
    const { id } = await McpSession.open(client, '/mcp', token);
    const bystander = await Owner.open(client, world, TOKENS.acme);
    world.tessera.removeToken(token);
    return { token, sessionId: id, bystander };
  },
  'was removed and tries the session of its sibling': async ({ client, world }) => {
    const bystander = await Owner.open(client, world, TOKENS.acme);
    world.tessera.removeToken(TOKENS.sibling);
    return { token: TOKENS.sibling, sessionId: bystander.id, bystander };
  },
  'went with its tenant': async ({ client, world }) => {
    const { id } = await McpSession.open(client, '/mcp', TOKENS.globex);
    const bystander = await Owner.open(client, world, TOKENS.acme);
    world.tessera.removeTenant('globex');
    return { token: TOKENS.globex, sessionId: id, bystander };
  },
  'was replaced by another one': async ({ client, world }) => {
    const old = generateToken();
    const next = generateToken();
    world.tessera.addToken('acme', old);
    world.tessera.rotateToken(old, next);
    const bystander = await Owner.open(client, world, next);
    return { token: old, sessionId: bystander.id, bystander };
  },
  'has expired': async ({ client, world }) => {
    const token = generateToken();
    world.tessera.addToken('acme', token, { expiresAt: Date.now() - 1 });
    const bystander = await Owner.open(client, world, TOKENS.acme);
    return { token, sessionId: bystander.id, bystander };
  },
  'never was one': async ({ client, world }) => {
    const bystander = await Owner.open(client, world, TOKENS.acme);
    return { token: generateToken(), sessionId: bystander.id, bystander };
  },
};

const dead: readonly OwnershipCheck[] = Object.entries(ENDINGS).map(([how, prepare]) => ({
  name: `With a token that ${how}, every method gets the same 401 for a session as for an unknown one.`,
  run: async (place) => {
    const { client, world } = place;
    const { token, sessionId, bystander } = await prepare(place);
    for (const attempt of ATTEMPTS) {
      const secrets = [token, sessionId, bystander.id];
      const { value: answers, refusals } = await changingNothing({ world, secrets }, async () => ({
        real: await seeAnswer(client, attempt, { token, sessionId }),
        unknown: await seeAnswer(client, attempt, { token, sessionId: unknownId(sessionId) }),
        missing: await seeAnswer(client, attempt, { token }),
      }));
      expect(answers.real.status, attempt.name).toBe(401);
      expect(answers.real.headers.join('\n')).toContain('www-authenticate: Bearer ');
      expect(answers.unknown).toEqual(answers.real);
      expect(answers.missing).toEqual(answers.real);
      expect(refusals).toEqual([]);
    }
    await bystander.expectUnharmed();
  },
}));

/** Tries everything that only an owner may, and ends with the session. */
async function expectOwned({ client, world }: OwnershipPlace, token: string, owner: Owner): Promise<void> {
  const alreadyTold = world.told.length;
  const send = (index: number): ReturnType<typeof client.send> => {
    const attempt = ATTEMPTS[index];
    if (attempt === undefined) throw new Error('There is no such attempt.');
    return client.send(requestOf(attempt, { token, sessionId: owner.id }));
  };
  const called = await send(0);
  expect(await called.json()).toEqual(textResult(5, 'hello'));
  await owner.expectUnharmed();
  const { callsInFlight, openStreams } = world.tessera.getStats();
  const cancelled = await send(1);
  expect([cancelled.status, await cancelled.text()]).toEqual([202, '']);
  expect(world.tessera.getStats().callsInFlight, `call ${String(HELD_CALL)}`).toBe(callsInFlight - 1);
  for (const index of [2, 3]) {
    const stream = await send(index);
    expect(stream.status).toBe(200);
    expect(world.tessera.getStats().openStreams).toBe(openStreams + 1);
    const said = `on stream ${String(index)}`;
    await (await client.send(requestOf(announcement(said), { token, sessionId: owner.id }))).bytes();
    expect(messagesIn(await stream.textTo(said))).toHaveLength(1);
    stream.abort();
    await until(() => world.tessera.getStats().openStreams === openStreams, 'The end of the stream');
  }
  const { activeSessions } = world.tessera.getStats();
  expect((await send(4)).status).toBe(200);
  expect(world.tessera.getStats().activeSessions).toBe(activeSessions - 1);
  const told = world.told.slice(alreadyTold).map(({ name }) => name);
  expect(told).toContain('sessionEnded');
  expect(told).not.toContain('sessionRefused');
}

const announcement = (said: string): Parameters<typeof requestOf>[0] => ({
  name: 'an announcement',
  method: 'POST',
  body: toolCall(8, 'announce', said),
});

const own: OwnershipCheck = {
  name: 'The owner of a session may use it in every method.',
  run: async (place) => {
    const owner = await Owner.open(place.client, place.world, TOKENS.acme);
    await expectOwned(place, TOKENS.acme, owner);
  },
};

const rotated: OwnershipCheck = {
  name: 'A token that replaces another one may use its sessions in every method.',
  run: async (place) => {
    const token = generateToken();
    const owner = await Owner.open(place.client, place.world, TOKENS.acme);
    place.world.tessera.rotateToken(TOKENS.acme, token, { graceMs: 60_000 });
    await owner.expectUnharmed();
    const renewed = await Owner.open(place.client, place.world, token);
    await expectOwned(place, token, renewed);
  },
};

const sameUser: OwnershipCheck = {
  name: 'Another token of the same user may use a session in every method.',
  run: async (place) => {
    const owner = await Owner.open(place.client, place.world, TOKENS.alice);
    await expectOwned(place, TOKENS.aliceAgain, owner);
  },
};

/** What tokens may do, and may no longer. */
export const tokenChecks: readonly OwnershipCheck[] = [own, rotated, sameUser, ...dead];
