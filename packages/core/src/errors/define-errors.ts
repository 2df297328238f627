import { DOCUMENTATION_URL } from '../shared/documentation.js';

/** What a package says about one of its error codes. */
export interface ErrorDefinition {
  /** HTTP status of the answer, when the error becomes one. */
  readonly status: number;
  /** JSON-RPC code of the answer (MCP base protocol, "Error codes"). */
  readonly jsonRpcCode: number;
  /** One short sentence. It is what a caller sees of an error with status 500 and above. */
  readonly title: string;
  /**
   * Makes the answer's body `{ error, error_description }` with this value as `error` (RFC 6750 §3.1),
   * instead of a JSON-RPC error.
   */
  readonly oauthError?: string;
}

/** A defined error: its definition, its code and its page. */
export interface ErrorKind extends ErrorDefinition {
  readonly code: string;
  /** Address of the page about this code. */
  readonly page: string;
}

/** A package's error table: code → kind. */
export type ErrorTable<Code extends string> = Readonly<Record<Code, ErrorKind>>;

/**
 * Makes a package's error table. Codes are lower-case words joined by underscores, are unique across the
 * packages, and are never used again for something else.
 */
export function defineErrors<const Code extends string>(
  definitions: Readonly<Record<Code, ErrorDefinition>>,
): ErrorTable<Code> {
  const table = {} as Record<Code, ErrorKind>;
  for (const code of Object.keys(definitions) as Code[]) {
    const definition: ErrorDefinition = definitions[code];
    table[code] = Object.freeze({ ...definition, code, page: `${DOCUMENTATION_URL}errors/${code}` });
  }
  return Object.freeze(table);
}
