import type { Answer } from '../shared/edge.js';
import type { JsonRpcId } from '../shared/json-rpc.js';
import { coreErrors, type CoreErrorCode } from './core-errors.js';
import type { ErrorKind } from './define-errors.js';
import { TesseraError } from './tessera-error.js';

/** Headers of every JSON answer: one URL serves many tenants, so nothing may be kept by a shared cache. */
export const JSON_HEADERS: Readonly<Record<'content-type' | 'cache-control' | 'vary', string>> =
  Object.freeze({
    'content-type': 'application/json',
    'cache-control': 'no-store',
    vary: 'Authorization',
  });

/** Headers of every answer without a body. */
export const EMPTY_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'cache-control': 'no-store',
  vary: 'Authorization',
});

/** What a refusal may carry besides its code and its text. */
export interface RefusalOptions {
  /** Shown as `error.data` of a JSON-RPC error. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The id of the request that is refused. @default null */
  readonly id?: JsonRpcId | null;
}

/** Told of an error that the caller must not see; returns the id the caller does see. */
export type ReportError = (error: unknown) => string;

const MASKED_FROM = 500;

/** The answer a gate gives instead of its value. It makes no error object, because hostile requests are many. */
export function refuse(code: CoreErrorCode, detail: string, options: RefusalOptions = {}): Answer {
  return errorAnswer(coreErrors[code], detail, options);
}

/** The answer to a request with a header twice that may come once; only an adapter sees headers apart. */
export function duplicateHeaderAnswer(name: string): Answer {
  return refuse('duplicate_header', `The header "${name}" may appear once only.`);
}

/**
 * Turns anything that was thrown into an answer. Errors of ours below 500, and those that say "later" (503), are
 * shown as they are; everything else is reported, and the caller sees a title and the report's id only.
 *
 * @param id the id of the request that is answered
 */
export function toAnswer(thrown: unknown, report: ReportError, id: JsonRpcId | null = null): Answer {
  if (!TesseraError.isInstance(thrown)) return masked(coreErrors.internal_error, report(thrown), id);
  const { kind, detail, data, headers } = thrown;
  const isShown = kind.status < MASKED_FROM || kind.status === 503;
  return isShown ? errorAnswer(kind, detail, { data, headers, id }) : masked(kind, report(thrown), id);
}

function masked(kind: ErrorKind, errorId: string, id: JsonRpcId | null): Answer {
  return errorAnswer(kind, kind.title, { data: { code: kind.code, errorId }, id });
}

function errorAnswer(kind: ErrorKind, detail: string, { data, headers, id = null }: RefusalOptions): Answer {
  const body =
    kind.oauthError === undefined
      ? {
          jsonrpc: '2.0',
          error: { code: kind.jsonRpcCode, message: detail, ...(data === undefined ? {} : { data }) },
          id,
        }
      : { error: kind.oauthError, error_description: detail };
  return { status: kind.status, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) };
}
