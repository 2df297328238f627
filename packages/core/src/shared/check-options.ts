import { coreError } from '../errors/core-error.js';

/**
 * Refuses names that do not exist, so that a misspelt option is not silently ignored.
 *
 * @throws `invalid_option`
 */
export function checkNames(prefix: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) {
    throw coreError(
      'invalid_option',
      `${prefix === '' ? 'The options' : prefix.slice(0, -1)} must be an object.`,
    );
  }
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw coreError(
      'invalid_option',
      `The option "${prefix}${name}" is unknown. Known: ${known.join(', ')}.`,
    );
  }
}

/** @throws `invalid_option` */
export function checkDuration(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw coreError('invalid_option', `${name} must be a number of milliseconds, 0 or more.`);
}

/** @throws `invalid_option` */
export function checkChoice(name: string, value: unknown, choices: readonly unknown[]): void {
  if (choices.includes(value)) return;
  const list = choices.map((choice) => JSON.stringify(choice)).join(' or ');
  throw coreError('invalid_option', `${name} must be ${list}; it is ${JSON.stringify(value)}.`);
}

/** @throws `invalid_option` */
export function checkUrl(name: string, value: unknown): string {
  if (typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)) return value;
  throw coreError(
    'invalid_option',
    `${name} must be an http or https address; it is ${JSON.stringify(value)}.`,
  );
}

/** @throws `invalid_option` */
export function checkList(name: string, list: unknown): readonly string[] {
  if (Array.isArray(list)) return list as string[];
  throw coreError('invalid_option', `${name} must be an array of texts.`);
}
