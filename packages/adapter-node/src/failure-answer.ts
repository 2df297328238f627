import { randomUUID } from 'node:crypto';
import { TesseraError, coreErrors, toAnswer, type Answer } from '@tessera-mcp/core';
import { nodeErrors } from './node-errors.js';

/** The answer to what a mounted handler is not even asked about. */
export function notServed(code: 'method_not_allowed' | 'not_found' | 'invalid_host'): Answer {
  return toAnswer(new TesseraError(coreErrors[code], coreErrors[code].title), () => '');
}

/** The answer when a mounted handler has failed: the client learns an id, the process everything. */
export function failureAnswer(error: unknown): Answer {
  const failed = new TesseraError(nodeErrors.handler_failed, 'The mounted handler has thrown.', {
    cause: error,
  });
  return toAnswer(failed, () => {
    const id = randomUUID();
    const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.emitWarning(`A mounted handler failed (${id}): ${told}`, {
      code: nodeErrors.handler_failed.code,
    });
    return id;
  });
}
