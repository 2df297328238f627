import { coreErrors, type CoreErrorCode } from './core-errors.js';
import { TesseraError, type TesseraErrorOptions } from './tessera-error.js';

/** Makes an error of this package. */
export function coreError(
  code: CoreErrorCode,
  detail: string,
  options: TesseraErrorOptions = {},
): TesseraError {
  return new TesseraError(coreErrors[code], detail, options);
}
