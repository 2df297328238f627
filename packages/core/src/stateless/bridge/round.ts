import { LOG_LEVELS } from '../../shared/log-levels.js';
import type { MessageExtra } from '../../servers/transport.js';
import type { JsonRpcNotification, JsonRpcParams } from '../../shared/json-rpc.js';
import type { RoundSignal } from './round-signal.js';

/** One request of a client that a bridged server is to answer: a call, or one round of it. */
export interface Round {
  readonly method: string;
  readonly params: JsonRpcParams | undefined;
  readonly extra: MessageExtra;
  /** The least level at which its client wants to hear log messages; without one it wants none. */
  readonly logLevel: unknown;
  /** What its client has answered to the round before. */
  readonly responses: Readonly<Record<string, unknown>>;
  /** What the round before has given its client, with the mark of who gave it. */
  readonly state: string | undefined;
  /** Aborted when nobody waits for it any more. */
  readonly signal: AbortSignal | RoundSignal;
  readonly notify: (notification: JsonRpcNotification) => void;
  /** Keeps a handler until its client comes back, undefined when there is no room. */
  readonly park: (run: Waiting) => Parking | undefined;
}

/** Where a handler waits. */
export interface Parking {
  /** What it is found by. */
  readonly handle: string;
  /** It waits no longer. */
  readonly leave: () => void;
}

/** A handler that waits for its client. */
export interface Waiting {
  /** Lets it go on with what the client has answered. */
  resume(round: Round): Promise<RoundAnswer>;
  /** Lets it know that nobody will answer. */
  abandon(reason: string): void;
}

/** Who has written a state: the handler itself, or the bridge, for a handler that waits or runs again. */
export const STATE: Readonly<Record<'own' | 'parked' | 'replayed', string>> = Object.freeze({
  own: 's:',
  parked: 'p:',
  replayed: 'r:',
});

/** The answer of a server, or that of the bridge in its place. */
export type RoundAnswer =
  | { readonly result: Record<string, unknown> }
  | { readonly error: { readonly code: number; readonly message: string; readonly data?: unknown } };

/** Whether a client wants to hear what a server says. */
export function wants({ logLevel }: Round, { method, params }: JsonRpcNotification): boolean {
  if (method !== 'notifications/message') return true;
  const least = LOG_LEVELS.indexOf(logLevel);
  return least >= 0 && LOG_LEVELS.indexOf(params?.['level']) >= least;
}

/** What is answered when the server is gone before it has answered. */
export function connectionLost(): RoundAnswer {
  return { error: { code: -32000, message: 'Connection closed' } };
}

/** What is answered to a state that is not its caller's, not for this call, too old, or used already. */
export function invalidState(): RoundAnswer & { readonly error: object } {
  return {
    error: {
      code: -32602,
      message: 'Invalid or expired requestState',
      data: { reason: 'invalid_request_state' },
    },
  };
}
