import { aborted } from './abort.js';
import { deleted } from './delete.js';
import { idle } from './idle.js';
import type { Kind } from './kind.js';
import { stateless } from './stateless.js';
import { revoked } from './revoke.js';
import { updated } from './update.js';
import { abortedOverSockets, deletedOverSockets } from './sockets.js';

/** Every kind, the longest first: they share the machine's cores. */
export const KINDS: readonly Kind[] = [
  revoked,
  stateless,
  deleted,
  aborted,
  idle,
  updated,
  abortedOverSockets,
  deletedOverSockets,
];

/** A kind by its name. */
export function kindOf(name: string): Kind {
  const kind = KINDS.find((one) => one.name === name);
  if (kind !== undefined) return kind;
  throw new Error(`There is no kind "${name}", only ${KINDS.map((one) => one.name).join(', ')}.`);
}
