import { coreError } from '../../errors/core-error.js';
import type { Attempt } from '../../servers/attempt.js';
import type { MessageExtra, ServerLink } from '../../servers/transport.js';
import type { JsonRpcParams, JsonRpcRequest } from '../../shared/json-rpc.js';
import { isPlainObject } from '../../shared/values.js';
import type { ServerIdentity } from '../../shared/model.js';
import type { CallSink } from '../calls/exchange.js';
import { routeFromClient } from '../calls/route-from-client.js';
import type { SessionRecord } from '../session-record.js';
import type { LinkPlace, Session } from '../session.js';
import type { StartedSession } from './start-session.js';

/** A server that is up to date and waits to take over a session. */
export interface RebuiltServer {
  readonly link: ServerLink;
  readonly place: LinkPlace;
  /** What it says of itself. */
  readonly server: ServerIdentity;
}

/** What bringing a server up to date takes. */
export interface Replay {
  readonly extra: MessageExtra;
  readonly attempt: Attempt;
  /** Makes the server and lets it answer this `initialize`, in a session that nobody knows. */
  readonly start: (request: JsonRpcRequest) => Promise<StartedSession>;
}

/**
 * Brings a new server up to date with a session's conversation: `initialize` as the client sent it, with the version that
 * was negotiated; its log level; its subscriptions. The client notices nothing.
 *
 * @throws `server_incompatible` when the server would not keep what the client was told
 */
export async function replaySession(
  session: Session,
  { start, attempt, extra }: Replay,
): Promise<RebuiltServer> {
  const { record } = session;
  if (record === undefined) throw new Error('A session without a record has nothing to replay.');
  const { session: trial, body } = await start(initializeOf(record));
  try {
    checkCompatible(record, trial.record, body);
    if (record.logLevel !== undefined) {
      await attempt.race(ask(trial, 'logging/setLevel', { level: record.logLevel }, extra));
    }
    for (const uri of record.subscriptions) {
      await attempt.race(ask(trial, 'resources/subscribe', { uri }, extra));
    }
    const rebuilt = trial.releaseLink();
    if (rebuilt === undefined || trial.ended) throw closedItself();
    return { ...rebuilt, server: trial.record?.server ?? record.server };
  } finally {
    // What it still has hangs on nothing any more; the server itself is gone from it, or is closed with it.
    trial.end('serverClosed');
  }
}

function initializeOf({ initialize, protocolVersion }: SessionRecord): JsonRpcRequest {
  return { jsonrpc: '2.0', id: 0, method: 'initialize', params: { ...initialize, protocolVersion } };
}

/** What the client was told at `initialize` holds for the life of its session. */
function checkCompatible(told: SessionRecord, offered: SessionRecord | undefined, body: string): void {
  if (offered === undefined) throw incompatible(`it refused initialize: ${body}`);
  if (offered.protocolVersion !== told.protocolVersion) {
    throw incompatible(`it speaks MCP ${offered.protocolVersion}, the session ${told.protocolVersion}`);
  }
  const missing = Object.entries(told.capabilities).find(
    ([name, value]) => !offers(offered.capabilities[name], value),
  );
  if (missing !== undefined)
    throw incompatible(`it lacks the capability "${missing[0]}", which the client was told of`);
}

function offers(offered: unknown, told: unknown): boolean {
  if (told === undefined || told === false) return true;
  if (!isPlainObject(told)) return offered !== undefined;
  return (
    isPlainObject(offered) && Object.entries(told).every(([name, value]) => offers(offered[name], value))
  );
}

function incompatible(reason: string): Error {
  return coreError('server_incompatible', `The new server cannot take over the session: ${reason}.`);
}

/** The error of a server that is gone before it was needed. */
export function closedItself(): Error {
  return coreError(
    'server_incompatible',
    'The new server closed itself before it could take over the session.',
  );
}

/** Asks a server something whose answer is of no interest: one that refuses is not asked again. */
function ask(trial: Session, method: string, params: JsonRpcParams, extra: MessageExtra): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      resolve();
    };
    const settle = (): undefined => {
      done();
    };
    const sink: CallSink = { settle, drop: done, abandon: done, send: () => true };
    routeFromClient(
      trial,
      { jsonrpc: '2.0', id: 0, method, params },
      { sink, extra, principal: trial.principal },
    );
  });
}
