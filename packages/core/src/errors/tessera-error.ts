import type { ErrorKind } from './define-errors.js';

const BRAND = Symbol.for('tessera-mcp.error');

/** What may come with an error. */
export interface TesseraErrorOptions {
  /** What was thrown underneath. It is never shown to a caller. */
  readonly cause?: unknown;
  /** Machine-readable detail that may be shown to a caller, as `error.data` of a JSON-RPC error. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Headers the answer must carry, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Every error of this project. `code` says which one, `message` says what to do, and ends with the address of
 * the code's page.
 */
export class TesseraError extends Error {
  override readonly name: string = 'TesseraError';
  readonly kind: ErrorKind;
  readonly data: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** The message without the address of the page. */
  readonly detail: string;

  constructor(kind: ErrorKind, detail: string, options: TesseraErrorOptions = {}) {
    super(`${detail} See ${kind.page}`, 'cause' in options ? { cause: options.cause } : undefined);
    this.kind = kind;
    this.detail = detail;
    this.data = options.data;
    this.headers = options.headers;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** The code in its package's table, for example `unknown_token`. */
  get code(): string {
    return this.kind.code;
  }

  /** The HTTP status an answer made from this error has. */
  get status(): number {
    return this.kind.status;
  }

  /** Recognises errors of another copy of this package too. */
  static isInstance(value: unknown): value is TesseraError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}
