import { isLegacyRequest } from '@modelcontextprotocol/server';
import { within } from '../../../regressions/helpers/waiting.js';
import type { FuzzedRequest } from './draft.js';
import { makeRequest, recipeOf, type Recipe } from './generate.js';
import { canonical } from './json.js';
import { readAnswer, type ReadAnswer } from './read-answer.js';
import { forgiveWanted, isOfNoEra, type Answers } from './wanted-differences.js';
import { toWebRequest, type Way } from './ways.js';

/** How many requests are on their way at a time, so that what is shared between them is used by several at once. */
const AT_A_TIME = 16;

/** Nothing that is asked here takes longer than milliseconds. */
const LONGEST_WAIT_MS = 10_000;

/** A request that was not answered in the same way by all. */
export interface Difference {
  readonly recipe: Recipe;
  readonly request: FuzzedRequest;
  /** By the names of the ways. */
  readonly answers: Answers;
}

/** What was found out. */
export interface FuzzReport {
  readonly seed: number;
  readonly compared: number;
  /** How often each status and JSON-RPC code was answered to each valid request. */
  readonly seen: ReadonlyMap<string, number>;
  readonly differences: readonly Difference[];
}

/** What is asked and of whom. */
export interface Fuzz {
  /** The last one is the one whose answers count as seen. */
  readonly ways: readonly Way[];
  /** How many requests are compared; `TESSERA_RUNS` overrides it where no seed is given. */
  readonly runs: number;
  /** @default what `TESSERA_SEED` says, else another one each time */
  readonly seed?: number;
  /** After how many differences no more are looked for. @default 40 */
  readonly enough?: number;
}

/** Sends the same requests to several, and compares what they answer. */
export async function fuzz(given: Fuzz): Promise<FuzzReport> {
  const { TESSERA_SEED: seedFromOutside, TESSERA_RUNS: runsFromOutside } = process.env;
  const { seed = Number(seedFromOutside ?? Date.now() % 1_000_000_000), enough = 40 } = given;
  const runs = given.seed === undefined ? Number(runsFromOutside ?? given.runs) : given.runs;
  const seen = new Map<string, number>();
  const differences: Difference[] = [];
  let compared = 0;
  for (let index = 0; compared < runs && differences.length < enough;) {
    const recipes: Recipe[] = [];
    while (recipes.length < Math.min(AT_A_TIME, runs - compared)) {
      const recipe = recipeOf(seed, index);
      if (await isStateless(makeRequest(recipe))) recipes.push(recipe);
      index += 1;
    }
    const found = await compareAnswers(given, recipes);
    compared += recipes.length;
    for (const { recipe, request, answers } of found) {
      const kind = kindOf(recipe, Object.values(answers).at(-1));
      seen.set(kind, (seen.get(kind) ?? 0) + 1);
      if (isDifferent(answers)) differences.push({ recipe, request, answers });
    }
  }
  // One after another, so that nobody has more calls in flight than is allowed.
  const simplified: Difference[] = [];
  for (const difference of differences) simplified.push(await simplify(given, difference));
  return { seed, compared, seen, differences: simplified };
}

/** Whether a request is one of the stateless era, by the SDK's own judgement. */
async function isStateless(request: FuzzedRequest): Promise<boolean> {
  return !(await isLegacyRequest(toWebRequest(request))) && !isOfNoEra(request);
}

async function compareAnswers({ ways }: Fuzz, recipes: readonly Recipe[]): Promise<Difference[]> {
  const found = recipes.map((recipe) => {
    const answers: Record<string, ReadAnswer> = {};
    return { recipe, request: makeRequest(recipe), answers };
  });
  for (const { name, answer } of ways) {
    const answering = found.map(async ({ request, answers }) => {
      answers[name] = await within(LONGEST_WAIT_MS, answer(request).then(readAnswer)).catch(toFailure);
    });
    await Promise.all(answering);
  }
  return found.map((one) => ({ ...one, answers: forgiveWanted(one.request, one.answers) }));
}

function isDifferent(answers: Difference['answers']): boolean {
  return new Set(Object.values(answers).map(canonical)).size > 1;
}

/** Leaves out every mutation without which there is a difference all the same. */
async function simplify(given: Fuzz, difference: Difference): Promise<Difference> {
  let simplest = difference;
  for (const mutation of difference.recipe.mutations) {
    const mutations = simplest.recipe.mutations.filter((one) => one !== mutation);
    const [simpler] = await compareAnswers(given, [{ ...simplest.recipe, mutations }]);
    if (simpler === undefined || !isDifferent(simpler.answers)) continue;
    if (await isStateless(simpler.request)) simplest = simpler;
  }
  return simplest;
}

/** What stands in the place of an answer that has not come. */
const toFailure = (thrown: unknown): ReadAnswer => ({ status: 0, messages: [String(thrown)] });

function kindOf({ wish }: Recipe, answer: ReadAnswer | undefined): string {
  const last = answer?.messages.at(-1) as { readonly error?: { readonly code?: number } } | undefined;
  const code = last?.error?.code;
  return `${wish} ${String(answer?.status)}${code === undefined ? '' : ` ${String(code)}`}`;
}
