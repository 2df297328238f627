import { GENTLE_MUTATIONS, MUTATIONS } from '../mutations/mutations.js';
import type { Mutations } from '../mutations/mutation.js';
import { finish, type FuzzedRequest } from './draft.js';
import { Random } from './random.js';
import { draftOf, WISHES } from './valid-requests.js';

/** How a request comes about. The same recipe gives the same request. */
export interface Recipe {
  readonly seed: number;
  readonly index: number;
  readonly wish: string;
  /** Names of the mutations, in order. */
  readonly mutations: readonly string[];
}

const ALL: Mutations = Object.assign({}, ...MUTATIONS) as Mutations;
const NAMES = MUTATIONS.map((mutations) => Object.keys(mutations));
const GENTLE = Object.keys(GENTLE_MUTATIONS);
const WISH_NAMES = Object.keys(WISHES);

/** How many mutations a request gets, as often as it is listed. */
const COUNTS = [0, 0, 1, 1, 1, 1, 1, 2, 2, 3];

/** The recipe of the request with a number. */
export function recipeOf(seed: number, index: number): Recipe {
  const random = new Random(seed, index);
  const wish = random.pick(WISH_NAMES);
  const mutations = Array.from({ length: random.pick(COUNTS) }, () =>
    random.chance(0.4) ? random.pick(GENTLE) : random.pick(random.pick(NAMES)),
  );
  return { seed, index, wish, mutations };
}

/**
 * Makes the request of a recipe. Each mutation has its chances to itself, so that the others stay as they are when one is
 * left out.
 */
export function makeRequest({ seed, index, wish, mutations }: Recipe): FuzzedRequest {
  const valid = new Random(seed, index, 1);
  const draft = draftOf((WISHES[wish] as (typeof WISHES)[string])(valid), valid);
  for (const name of mutations) ALL[name]?.(draft, new Random(seed, index, hashOf(name)));
  return finish(draft);
}

function hashOf(name: string): number {
  let hash = 7;
  for (const character of name) hash = (Math.imul(hash, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return hash;
}
