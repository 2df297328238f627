import { escapeCell } from './declarations.js';
import { readOptions, type DescribeOptions, type OptionDescription } from './options.js';
import type { Page } from './pages.js';

/** A page whose tables were made anew. */
export interface TabledPage {
  /** The page as the declarations say it. */
  readonly text: string;
  /** Marked places that cannot be filled. */
  readonly problems: readonly string[];
}

const PLACE = /^<!-- options: (\S+?)#(\w+) -->\n([\s\S]*?)^<!-- \/options -->$/gm;
const MARK = /<!-- \/?options\b/g;

/** Fills the places between `<!-- options: file#Interface -->` and `<!-- /options -->` of pages. */
export function fillTables(pages: readonly Page[]): TabledPage[] {
  const paths = pages.flatMap(({ text }) => [...text.matchAll(PLACE)].map(([, path = '']) => path));
  const describe = readOptions([...new Set(paths)]);
  return pages.map((page) => fillPage(page, describe));
}

function fillPage({ path, text }: Page, describe: DescribeOptions): TabledPage {
  const problems: string[] = [];
  let places = 0;
  const filled = text.replace(PLACE, (whole: string, source: string, name: string) => {
    places += 1;
    try {
      const table = tableOf(describe(source, name)).join('\n');
      return `<!-- options: ${source}#${name} -->\n\n${table}\n\n<!-- /options -->`;
    } catch (error) {
      problems.push(`${path}: ${(error as Error).message}`);
      return whole;
    }
  });
  if ([...text.matchAll(MARK)].length !== places * 2) {
    problems.push(`${path}: each <!-- options: file#Interface --> needs one <!-- /options --> below it`);
  }
  return { text: filled, problems };
}

function tableOf(options: readonly OptionDescription[]): string[] {
  return [
    '| Option | Type | Default | What it does |',
    '| --- | --- | --- | --- |',
    ...options.map(
      ({ name, type, standard, sentence }) =>
        `| \`${name}\` | \`${escapeCell(type)}\` | ${escapeCell(standard)} | ${escapeCell(sentence)} |`,
    ),
  ];
}
