import ts from 'typescript';

/** The description of a declaration's comment, on one line; empty when there is none. */
export function descriptionOf(node: ts.Node): string {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return oneLine(ts.getTextOfJSDocComment(comment?.comment) ?? '');
}

/** What the comment's `@default` says; undefined when there is none. */
export function defaultTagOf(node: ts.Node): string | undefined {
  const tag = ts.getJSDocTags(node).find(({ tagName }) => tagName.text === 'default');
  return tag === undefined ? undefined : oneLine(ts.getTextOfJSDocComment(tag.comment) ?? '');
}

/** Code or prose without its comments and line breaks. */
export function oneLine(text: string): string {
  return text
    .replace(/\/\*\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Text that may stand in a table. */
export function escapeCell(text: string): string {
  return text.replace(/\|/g, '\\|');
}
