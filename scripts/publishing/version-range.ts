/*
 * Whether a range of versions admits a version: what the ranges of this project's dependencies need. A range that is
 * written in another way is an error, never a "no".
 */

type Version = readonly [major: number, minor: number, patch: number];

/** Part of a version; a missing or starred part stands for any. */
const PARTIAL = String.raw`v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?`;
const COMPARATOR = new RegExp(String.raw`^(>=|<=|>|<|=|\^|~)?\s*${PARTIAL}$`);
const HYPHEN = new RegExp(String.raw`^${PARTIAL}\s+-\s+${PARTIAL}$`);

/**
 * Whether a released version lies in a range.
 *
 * @throws Error when the range, or the version, is not understood
 */
export function admits(range: string, version: string): boolean {
  const exact = parseVersion(version);
  return range.split('||').some((part) => admitsAll(part.trim(), exact));
}

function parseVersion(version: string): Version {
  const [, major, minor, patch] = /^(\d+)\.(\d+)\.(\d+)$/.exec(version) ?? [];
  if (major === undefined) throw new Error(`"${version}" is not a released version.`);
  return [Number(major), Number(minor), Number(patch)];
}

function admitsAll(part: string, version: Version): boolean {
  if (part === '') return true;
  const hyphen = HYPHEN.exec(part);
  if (hyphen !== null) {
    return compare(version, lowest(hyphen, 1)) >= 0 && compare(version, above(hyphen, 4)) < 0;
  }
  const comparators = part.replace(/(>=|<=|>|<|=|\^|~)\s+/g, '$1').split(/\s+/);
  return comparators.every((comparator) => admitsOne(comparator, version));
}

function admitsOne(comparator: string, version: Version): boolean {
  const found = COMPARATOR.exec(comparator);
  if (found === null) throw new Error(`The range "${comparator}" is not understood.`);
  const from = lowest(found, 2);
  const atLeast = compare(version, from) >= 0;
  switch (found[1]) {
    case '>=':
      return atLeast;
    case '<':
      return !atLeast;
    case '>':
      return compare(version, above(found, 2)) >= 0;
    case '<=':
      return compare(version, above(found, 2)) < 0;
    case '^':
      return atLeast && compare(version, nextBreaking(found, 2)) < 0;
    case '~':
      return atLeast && compare(version, nextMinor(found, 2)) < 0;
    default:
      return atLeast && compare(version, above(found, 2)) < 0;
  }
}

/** The numbers that are there, up to the first that is not. */
function parts(found: RegExpExecArray, first: number): number[] {
  const numbers: number[] = [];
  for (const part of found.slice(first, first + 3) as (string | undefined)[]) {
    if (part === undefined || !/^\d+$/.test(part)) break;
    numbers.push(Number(part));
  }
  return numbers;
}

function lowest(found: RegExpExecArray, first: number): Version {
  const [major = 0, minor = 0, patch = 0] = parts(found, first);
  return [major, minor, patch];
}

/** The first version that is no longer what was written: 1.2 ends before 1.3.0. */
function above(found: RegExpExecArray, first: number): Version {
  const [major, minor, patch] = parts(found, first);
  if (major === undefined) return [Infinity, 0, 0];
  if (minor === undefined) return [major + 1, 0, 0];
  return patch === undefined ? [major, minor + 1, 0] : [major, minor, patch + 1];
}

/** Where a caret ends: before the next change of the first number that is not 0. */
function nextBreaking(found: RegExpExecArray, first: number): Version {
  const [major, minor, patch] = parts(found, first);
  if (major === undefined || major > 0 || minor === undefined) return [(major ?? Infinity) + 1, 0, 0];
  return minor > 0 || patch === undefined ? [0, minor + 1, 0] : [0, 0, patch + 1];
}

function nextMinor(found: RegExpExecArray, first: number): Version {
  const [major = Infinity, minor] = parts(found, first);
  return minor === undefined ? [major + 1, 0, 0] : [major, minor + 1, 0];
}

function compare(one: Version, other: Version): number {
  return one[0] - other[0] || one[1] - other[1] || one[2] - other[2];
}
