import type * as sdkTypes from '@modelcontextprotocol/server';

/** SDK v2, whose own handler answers whatever the fast path does not take. */
export type Sdk = typeof sdkTypes;

let loading: Promise<Sdk> | undefined;

/** Loads the SDK when it is needed for the first time: a tessera without clients of the stateless era never does. */
export function loadSdk(): Promise<Sdk> {
  loading ??= import('@modelcontextprotocol/server').catch((thrown: unknown) => {
    loading = undefined;
    throw thrown;
  });
  return loading;
}
