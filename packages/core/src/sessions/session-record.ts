import { LOG_LEVELS } from '../shared/log-levels.js';
import type { JsonRpcParams } from '../shared/json-rpc.js';
import type { ServerIdentity } from '../shared/model.js';

/** What a session remembers of its conversation: plain JSON, enough to bring a new server instance up to date. */
export interface SessionRecord {
  /** The parameters of the client's `initialize`. */
  readonly initialize: JsonRpcParams;
  /** What the client was told; fixed for the life of the session. */
  readonly protocolVersion: string;
  readonly server: ServerIdentity;
  /** The capabilities the client was told of. */
  readonly capabilities: Readonly<Record<string, unknown>>;
  /** Whether the client has sent `notifications/initialized`. */
  initialized: boolean;
  /** The level of the last successful `logging/setLevel`. */
  logLevel?: string;
  /** The resources the client has subscribed to. */
  subscriptions: string[];
}

/** Whether a log message is below the level the client asked for (MCP "Logging"). */
export function isBelowLogLevel(record: SessionRecord | undefined, level: unknown): boolean {
  if (record?.logLevel === undefined || typeof level !== 'string') return false;
  return LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(record.logLevel);
}

/** How many resources a session may have subscribed to, and how long their addresses may be together. */
const MAXIMUM_SUBSCRIPTIONS = 1000;
const MAXIMUM_SUBSCRIPTION_LENGTH = 262_144;

/** Whether a request may be made that subscribes to one resource more: what is recorded must be bounded. */
export function maySubscribe(
  record: SessionRecord | undefined,
  { method, params }: { readonly method: string; readonly params?: JsonRpcParams },
): boolean {
  const uri = params?.['uri'];
  if (record === undefined || method !== 'resources/subscribe' || typeof uri !== 'string') return true;
  const length = record.subscriptions.reduce((sum, other) => sum + other.length, uri.length);
  return record.subscriptions.length < MAXIMUM_SUBSCRIPTIONS && length <= MAXIMUM_SUBSCRIPTION_LENGTH;
}

/** Takes note of a request that the server has answered with a result; says whether there was anything to note. */
export function recordRequest(
  record: SessionRecord,
  method: string,
  params: JsonRpcParams | undefined,
): boolean {
  const { level, uri } = params ?? {};
  if (method === 'logging/setLevel' && typeof level === 'string') {
    record.logLevel = level;
    return true;
  }
  if (typeof uri !== 'string' || !/^resources\/(?:un)?subscribe$/.test(method)) return false;
  const others = record.subscriptions.filter((other) => other !== uri);
  record.subscriptions = method === 'resources/subscribe' ? [...others, uri] : others;
  return true;
}
