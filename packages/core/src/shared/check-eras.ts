import { coreError } from '../errors/core-error.js';
import { checkChoice, checkList } from './check-options.js';
import type { Era } from './model.js';

const ERAS: readonly Era[] = ['session', 'stateless'];

/** @throws `invalid_option` */
export function checkEras(given: readonly Era[] = ERAS): ReadonlySet<Era> {
  for (const era of checkList('eras', given)) checkChoice('eras[]', era, ERAS);
  if (given.length === 0) throw coreError('invalid_option', 'eras must name one era at least.');
  return new Set(given);
}
