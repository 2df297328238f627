import { isObject, toText, type JsonObject } from './json.js';

/** The revision of MCP that is tested. */
export const VERSION = '2026-07-28';

/** The keys of the envelope. */
export const META = {
  version: 'io.modelcontextprotocol/protocolVersion',
  client: 'io.modelcontextprotocol/clientInfo',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
} as const;

/** Who sends a request: callers differ in their tokens and in what these allow. */
export const CALLERS = { admin: ['admin', 'read'], guest: ['read'] } as const;

/** The name of a caller. */
export type CallerName = keyof typeof CALLERS;

/** A request that is still being worked on. */
export interface Draft {
  readonly caller: CallerName;
  readonly headers: Map<string, string>;
  message: unknown;
  /** Text in place of that of the message. */
  text?: string;
}

/** A request that can be sent, as often as needed. */
export interface FuzzedRequest {
  readonly caller: CallerName;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

/** The message of a draft as an object, if it still is one. */
export function messageOf({ message }: Draft): JsonObject | undefined {
  return isObject(message) ? message : undefined;
}

/** The params of a draft's message, if they still are an object. */
export function paramsOf(draft: Draft): JsonObject | undefined {
  const params = messageOf(draft)?.['params'];
  return isObject(params) ? params : undefined;
}

/** What stands in `_meta`, if it still is an object. */
export function metaOf(draft: Draft): JsonObject | undefined {
  const meta = paramsOf(draft)?.['_meta'];
  return isObject(meta) ? meta : undefined;
}

/** The request that a draft has become. */
export function finish({ caller, headers, message, text }: Draft): FuzzedRequest {
  return { caller, headers: [...headers], body: text ?? toText(message) };
}

/** A header value as the protocol wants it: text that is not plain goes as Base64. */
export function headerValue(value: string): string {
  const isPlainText =
    /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(value) && !value.startsWith('=?base64?');
  return isPlainText ? value : inBase64(value);
}

/** A value in the sentinel of Base64. */
export const inBase64 = (value: string): string =>
  `=?base64?${Buffer.from(value, 'utf8').toString('base64')}?=`;
