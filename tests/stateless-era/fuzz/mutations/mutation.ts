import type { Draft } from '../helpers/draft.js';
import type { Random } from '../helpers/random.js';

/** Ways to spoil a request, or to make it a little unusual, by name. They change the draft where they can. */
export type Mutations = Readonly<Record<string, (draft: Draft, random: Random) => void>>;
