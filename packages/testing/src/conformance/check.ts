import {
  DEFAULT_CAPABILITIES,
  type AdapterCapabilities,
  type AdapterUnderTest,
} from './adapter-under-test.js';
import { Bench } from './bench.js';

/** What a check needs of an adapter: a capability, one of the protocols, or an app with nothing beside the handler. */
export type Need =
  | 'besides'
  | 'nothingBesides'
  | 'parsedBodies'
  | 'prefixes'
  | 'duplicateHeaders'
  | 'documentsAtRoot'
  | 'halfReadBodies'
  | 'textLengths'
  | 'writtenPaths'
  | 'checkedAnswers'
  | 'http1'
  | 'http2';

/** One thing that an adapter must do. It needs no `it` around it: it rejects when the adapter does something else. */
export interface Check {
  /** A full sentence. */
  readonly name: string;
  /** Without one of these the check is skipped, or left out where it is about another kind of adapter. @default [] */
  readonly needs?: readonly Need[];
  readonly run: (bench: Bench) => Promise<void>;
}

/** Checks of one subject. */
export interface Suite {
  readonly name: string;
  readonly checks: readonly Check[];
}

/** Puts the checks of one subject together. */
export function defineSuite(name: string, checks: readonly Check[]): Suite {
  return Object.freeze({ name, checks });
}

/** Whether a check is about this kind of adapter at all; one that is not says nothing about what the adapter lacks. */
export function concerns({ needs = [] }: Check, adapter: AdapterUnderTest): boolean {
  const { protocol, besides } = { ...DEFAULT_CAPABILITIES, ...adapter.capabilities };
  const foreign = protocol === 'http1' ? 'http2' : 'http1';
  return !needs.includes(foreign) && !(besides && needs.includes('nothingBesides'));
}

/** What an adapter lacks for a check. */
export function missingNeeds({ needs = [] }: Check, adapter: AdapterUnderTest): Need[] {
  const capabilities = { ...DEFAULT_CAPABILITIES, ...adapter.capabilities };
  return needs.filter((need) => !has(capabilities, need));
}

/**
 * Runs one check and closes everything it has opened, also when it fails. Resolves when the adapter passes.
 *
 * Rejects with what was found, and with what could not be closed.
 */
export async function runCheck(check: Check, adapter: AdapterUnderTest): Promise<void> {
  const bench = new Bench(adapter);
  try {
    await check.run(bench);
  } catch (found) {
    // What was found says more than what could not be closed because of it.
    await bench.close().catch(() => undefined);
    throw found;
  }
  await bench.close();
}

function has(capabilities: AdapterCapabilities, need: Need): boolean {
  if (need === 'http1' || need === 'http2') return capabilities.protocol === need;
  return need === 'nothingBesides' ? !capabilities.besides : capabilities[need];
}
