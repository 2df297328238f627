import { rawJson } from '../helpers/json.js';
import type { Random } from '../helpers/random.js';

const SCALARS: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  rawJson('-0'),
  rawJson('1e400'),
  rawJson('9007199254740993'),
  rawJson('1.0'),
  '',
  'x',
  ' x ',
  '0',
  'null',
  'constructor',
  '__proto__',
  'grüße',
  '\u0000',
  '\ud800',
  'x'.repeat(5000),
];

/** A value that is probably of another type than expected. */
export function oddValue(random: Random): unknown {
  if (random.chance(0.65)) return random.pick(SCALARS);
  switch (random.below(6)) {
    case 0:
      return [];
    case 1:
      return {};
    case 2:
      return [oddValue(random)];
    case 3:
      return { x: oddValue(random) };
    case 4:
      return JSON.parse('{"__proto__":{"x":1}}') as unknown;
    default:
      return deep(30);
  }
}

/** Names that objects have already, or that the protocol means something by. */
export const ODD_KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  'x',
  '_meta',
  'then',
  'toJSON',
  '0',
] as const;

function deep(levels: number): unknown {
  let value: unknown = 'bottom';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { level: value };
  return value;
}
