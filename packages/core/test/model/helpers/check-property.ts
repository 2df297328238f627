import fc from 'fast-check';

/** How a property is checked. */
export interface CheckOptions {
  /** How many cases are tried; `TESSERA_RUNS` overrides it. */
  readonly runs: number;
}

/**
 * Checks a property. What a failure prints holds a seed and a path: `TESSERA_SEED=… TESSERA_PATH=… npx vitest run <file>`
 * tries exactly that case again, and `TESSERA_SEED` alone all cases of that run.
 */
export async function checkProperty<Values>(
  property: fc.IRawProperty<Values>,
  { runs }: CheckOptions,
): Promise<void> {
  const { TESSERA_SEED: seed, TESSERA_PATH: path, TESSERA_RUNS: moreRuns } = process.env;
  await fc.assert(property, {
    numRuns: Number(moreRuns ?? runs),
    ...(seed === undefined ? {} : { seed: Number(seed) }),
    ...(path === undefined ? {} : { path }),
  });
}

/**
 * A list of steps that is long more often than not, because it takes many to get into trouble. It shrinks to a short one
 * all the same.
 */
export function mostlyMany<Step>(
  step: fc.Arbitrary<Step>,
  { many, maximum }: { readonly many: number; readonly maximum: number },
): fc.Arbitrary<Step[]> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 1, arbitrary: fc.array(step, { size: 'max', maxLength: maximum }) },
    { weight: 3, arbitrary: fc.array(step, { size: 'max', minLength: many, maxLength: maximum }) },
  );
}
