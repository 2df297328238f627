import type { CallerName } from './draft.js';
import type { JsonObject } from './json.js';
import type { Random } from './random.js';

/** Who a request says it comes from. */
export interface Identity {
  readonly caller: CallerName;
  readonly client: JsonObject | undefined;
  readonly capabilities: JsonObject;
}

const CLIENTS: readonly (JsonObject | undefined)[] = [
  { name: 'one', version: '1.0.0' },
  { name: 'two', version: '1.0.0' },
  { name: 'two', version: '1.0.0', title: 'Two' },
  undefined,
];

const CAPABILITIES: readonly JsonObject[] = [
  {},
  { elicitation: {} },
  { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} },
  { extensions: { 'acme/own': { level: 1 } } },
];

/** One of a few identities, so that all of them come again and again. */
export function pickIdentity(random: Random): Identity {
  return {
    caller: random.chance(0.6) ? 'admin' : 'guest',
    client: structuredClone(random.pick(CLIENTS)),
    capabilities: structuredClone(random.pick(CAPABILITIES)),
  };
}
