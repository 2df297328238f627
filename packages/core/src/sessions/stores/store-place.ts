import { digestText, type Digest } from '../../keys/keys.js';

/** Whose things a store keeps: nothing is kept or read without saying it. */
export interface StorePlace {
  readonly tenantId: string;
  /** A keyed digest of the session's id, so that whoever reads a store cannot use the session. */
  readonly session: string;
}

/** What tells stores of sessions, without their ids. */
export interface StorePlaceParts {
  readonly digest: Digest;
  readonly storeKey: Uint8Array;
}

export function storePlace(
  { digest, storeKey }: StorePlaceParts,
  tenantId: string,
  sessionId: string,
): StorePlace {
  return { tenantId, session: digestText(digest, storeKey, sessionId) };
}
