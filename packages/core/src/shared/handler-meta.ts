const PREFIX = 'io.github.tessera-mcp/';

/** The `_meta` keys in which handlers of SDK v1 find what their client has brought back, and name what they ask. */
export const HANDLER_META: Readonly<Record<'inputResponses' | 'requestState' | 'key', string>> =
  Object.freeze({
    inputResponses: `${PREFIX}inputResponses`,
    requestState: `${PREFIX}requestState`,
    key: `${PREFIX}key`,
  });

const OWN: readonly string[] = Object.values(HANDLER_META);

/** Whether somebody has written what only we may write. */
export function isForged(meta: object): boolean {
  return OWN.some((key) => key in meta);
}

/** The same without it. */
export function withoutForged(meta: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(meta).filter(([key]) => !OWN.includes(key)));
}
