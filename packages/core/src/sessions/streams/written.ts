import { isToldToMany } from '../../shared/changeable-lists.js';
import type { JsonRpcMessage } from '../../shared/json-rpc.js';
import { sseFrame } from '../../shared/sse-connection.js';

/** A message as it goes to a client. */
export interface Written {
  readonly json: string;
  /** The same as an event without an id, for a message that many get. */
  readonly frame?: Uint8Array;
}

const known = new WeakMap<JsonRpcMessage, Written>();

/** Writes a message. One of the tessera's own that goes to many sessions is written once for all of them. */
export function writtenOf(message: JsonRpcMessage): Written {
  const before = known.get(message);
  if (before !== undefined) return before;
  const json = JSON.stringify(message);
  if (!isToldToMany(message)) return { json };
  const written = { json, frame: sseFrame(json) };
  known.set(message, written);
  return written;
}
