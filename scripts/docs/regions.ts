const START = /^\s*\/\/\s*#region\s+(\S+)\s*$/;
const END = /^\s*\/\/\s*#endregion\b/;

/**
 * The regions of a source, by name: their lines, without the indentation they share and without the marks of regions
 * inside them.
 *
 * @param file what messages call the source
 * @throws when a mark has no counterpart, or a name appears twice
 */
export function regionsOf(source: string, file: string): Map<string, string> {
  const regions = new Map<string, string[]>();
  const open: string[] = [];
  for (const line of source.split('\n')) {
    const [, name] = START.exec(line) ?? [];
    if (name !== undefined) {
      if (regions.has(name)) throw new Error(`${file} has the region ${name} twice`);
      regions.set(name, []);
      open.push(name);
    } else if (END.test(line)) {
      if (open.pop() === undefined) throw new Error(`${file} ends a region that has not begun`);
    } else {
      for (const inside of open) regions.get(inside)?.push(line);
    }
  }
  if (open.length > 0) throw new Error(`${file} does not end the region ${open.join(', ')}`);
  return new Map([...regions].map(([name, lines]) => [name, dedented(lines)]));
}

function dedented(lines: readonly string[]): string {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const shared = Math.min(...indents);
  return lines
    .map((line) => line.slice(shared))
    .join('\n')
    .trim();
}
