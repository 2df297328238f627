import { coreError } from './core-error.js';
import type { TesseraError } from './tessera-error.js';

/** The error of a body that is larger than allowed. Adapters that count the bytes themselves throw it too. */
export function bodyTooLarge(maximumBytes: number): TesseraError {
  return coreError('body_too_large', `The body may have ${String(maximumBytes)} bytes.`);
}

/** The error of a body that somebody has read before, without passing on what was in it. */
export function bodyAlreadyRead(): TesseraError {
  return coreError(
    'body_already_read',
    'The request body was read before it reached the endpoint. Pass what was parsed as { parsedBody }, or mount the endpoint before the body parser.',
  );
}

/** The error of a body whose sender went away before it was complete; there is nobody left to answer. */
export function bodyIncomplete(): TesseraError {
  return coreError('client_gone', 'The client went away before its body had arrived.');
}
