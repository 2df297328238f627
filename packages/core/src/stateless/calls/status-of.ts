import type { JsonRpcResponse } from '../../shared/json-rpc.js';

const MISSING_CAPABILITY = -32021;

/** What the SDK answers errors with that it finds before any handler runs (MCP 2026-07-28, "Error codes"). */
const EARLY: Readonly<Record<number, number>> = {
  [-32700]: 400,
  [-32600]: 400,
  [-32601]: 404,
  [-32022]: 400,
  [MISSING_CAPABILITY]: 400,
  [-32020]: 400,
};

/**
 * The HTTP status of a response. What a handler answers is a 200, whatever it says, with one exception that the
 * specification makes.
 *
 * @param early whether no handler has run
 */
export function statusOf(response: JsonRpcResponse, early: boolean): number {
  if (!('error' in response)) return 200;
  const { code } = response.error;
  return early || code === MISSING_CAPABILITY ? (EARLY[code] ?? 200) : 200;
}
