import { inspect } from 'node:util';
import { expect } from 'vitest';
import { othersFirst } from '../waiting.js';
import type { OwnershipWorld, ToldEvent } from './ownership-world.js';

const FINGERPRINT = /^[0-9a-f]{12}$/;

/** A part of a secret this long is the secret as good as told. */
const PIECE_LENGTH = 8;

/** What is told of a refusal. */
export interface SessionRefused {
  readonly tenantId: string;
  readonly fingerprint: string;
  readonly sessionFingerprint: string;
  readonly method: string;
}

/** What a request that must change nothing is watched with. */
export interface Watch {
  /** In whose place the request is made; its name is for the errors. */
  readonly world: OwnershipWorld;
  /** Session ids and tokens that no event may hold. */
  readonly secrets: readonly string[];
}

/**
 * Runs something that must neither change nor reach anything, and gives the refusals that were told meanwhile.
 *
 * Rejects when something was allocated or ended, a server was made or heard of it, or an event holds a secret.
 */
export async function changingNothing<Value>(
  { world, secrets }: Watch,
  run: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly refusals: readonly SessionRefused[] }> {
  const before = world.state;
  const alreadyTold = world.told.length;
  const value = await run();
  await othersFirst();
  expect(world.state).toEqual(before);
  const told = world.told.slice(alreadyTold);
  expect(told.map(({ name }) => name).filter((name) => !HARMLESS.includes(name))).toEqual([]);
  for (const event of told) expectNoSecrets(event, secrets);
  const refusals = told
    .filter(({ name }) => name === 'sessionRefused')
    .map(({ payload }) => payload as SessionRefused);
  return { value, refusals };
}

const HARMLESS: readonly string[] = ['sessionRefused', 'requestHandled'];

/** Expects that one refusal was told, with fingerprints and nothing else. */
export function expectOneRefusal(refusals: readonly SessionRefused[], method: string): SessionRefused {
  const [refusal] = refusals;
  expect(refusals, 'one sessionRefused').toHaveLength(1);
  if (refusal === undefined) throw new Error('Nothing was told.');
  expect(Object.keys(refusal).sort()).toEqual(['fingerprint', 'method', 'sessionFingerprint', 'tenantId']);
  expect(refusal.fingerprint).toMatch(FINGERPRINT);
  expect(refusal.sessionFingerprint).toMatch(FINGERPRINT);
  expect(refusal.method).toBe(method);
  return refusal;
}

function expectNoSecrets({ name, payload }: ToldEvent, secrets: readonly string[]): void {
  const shown = [JSON.stringify(payload), inspect(payload, { showHidden: true, depth: Infinity })];
  const found = secrets.flatMap(piecesOf).filter((piece) => shown.some((text) => text.includes(piece)));
  expect(found, `parts of secrets in ${name}`).toEqual([]);
}

function piecesOf(secret: string): string[] {
  if (secret.length < PIECE_LENGTH) return [];
  const last = secret.length - PIECE_LENGTH;
  return Array.from({ length: last + 1 }, (_none, start) => secret.slice(start, start + PIECE_LENGTH));
}
