import { parseArgs } from 'node:util';
import type { WorkspacePackage } from './workspace-packages.js';

/** Those packages that the option `--only core,node` names, which must have all they depend on; all without it. */
export function only(packages: readonly WorkspacePackage[]): WorkspacePackage[] {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  if (values.only === undefined) return [...packages];
  const names = new Set(values.only.split(','));
  const chosen = packages.filter(({ shortName }) => names.delete(shortName));
  if (names.size > 0) throw new Error(`No package is called ${[...names].join(', ')}.`);
  for (const { shortName, manifest } of chosen) {
    const lacks = packages.find(
      (other) => other.manifest.name in (manifest.dependencies ?? {}) && !chosen.includes(other),
    );
    if (lacks !== undefined) throw new Error(`${shortName} needs ${lacks.shortName}: name it too.`);
  }
  return chosen;
}
