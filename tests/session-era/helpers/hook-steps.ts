import fc from 'fast-check';

/** What a hook may do with one call. */
const DECISIONS = [
  'pass',
  'result',
  'error',
  'throw',
  'reject',
  'wait',
  'waitAndReject',
  'waitAndAnswer',
] as const;

export type DecisionName = (typeof DECISIONS)[number];

const TOOLS = ['echo', 'hold', 'steps', 'no such tool', 'askAside'] as const;

/** What happens next. `at` picks one of the sessions, calls or decisions that there are at that moment. */
export type Step =
  | {
      readonly do: 'call';
      readonly at: number;
      readonly tool: (typeof TOOLS)[number];
      readonly outer: DecisionName;
      readonly inner: DecisionName;
    }
  | { readonly do: 'decide'; readonly at: number }
  | { readonly do: 'release'; readonly at: number }
  | { readonly do: 'delete'; readonly at: number }
  | { readonly do: 'revoke'; readonly at: number }
  | { readonly do: 'closeServer'; readonly at: number }
  | { readonly do: 'cancel' | 'leave'; readonly at: number }
  | { readonly do: 'swap'; readonly sessions: 'swap' | 'drain' | 'end' }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'open' }
  | { readonly do: 'removeTenant' }
  | { readonly do: 'drain' }
  | { readonly do: 'close' };

const at = fc.nat({ max: 20 });
// Half of all decisions let the call go on, so that enough calls come as far as the server.
const decision = fc.oneof(fc.constantFrom(...DECISIONS), fc.constantFrom('pass' as const, 'wait' as const));

const of = <Name extends Step['do']>(...names: Name[]): fc.Arbitrary<Name> => fc.constantFrom(...names);

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      do: of('call'),
      at,
      tool: fc.constantFrom(...TOOLS),
      outer: decision,
      inner: decision,
    }),
  },
  { weight: 9, arbitrary: fc.record({ do: of('decide', 'release'), at }) },
  { weight: 6, arbitrary: fc.record({ do: of('cancel', 'leave', 'delete', 'revoke', 'closeServer'), at }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: of('swap'), sessions: fc.constantFrom('swap', 'drain', 'end') }),
  },
  { weight: 6, arbitrary: fc.record({ do: of('wait'), ms: fc.nat({ max: 30 }) }) },
  { weight: 3, arbitrary: fc.record({ do: of('open') }) },
  { weight: 1, arbitrary: fc.record({ do: of('removeTenant') }) },
);

/** Sequences of steps; some end with the end of the tessera, in the middle of whatever is going on. */
export const stepSequences: fc.Arbitrary<Step[]> = fc
  .tuple(fc.array(anyStep, { minLength: 8, maxLength: 40, size: 'max' }), of('drain', 'close', 'open'))
  .map(([steps, last]) => [...steps, { do: last }]);
