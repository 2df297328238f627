import type { Checks } from './checks.js';
import { inPairs } from './checks.js';
import { build, linkDependencies, pack, type PackedPackage } from './packed-packages.js';
import type { WorkspacePackage } from './workspace-packages.js';

/** Builds, packs and unpacks packages below a folder. Gives nothing when that fails for any of them. */
export async function packAll(
  packages: readonly WorkspacePackage[],
  target: string,
  checks: Checks,
): Promise<PackedPackage[]> {
  const built = await inPairs(packages, (one) =>
    checks.run(`${one.shortName}: build`, async () => {
      await build(one);
      return one;
    }),
  );
  const packed = await inPairs(built.filter(isThere), (one) =>
    checks.run(`${one.shortName}: pack`, () => pack(one, target)),
  );
  const all = packed.filter(isThere);
  if (all.length < packages.length) {
    console.log('left   everything else: it needs all packages');
    return [];
  }
  await linkDependencies(all, target);
  return all;
}

function isThere<Value>(value: Value | undefined): value is Value {
  return value !== undefined;
}
