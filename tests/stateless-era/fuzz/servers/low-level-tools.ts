const SCHEMA = { type: 'object' as const };

interface ListedTool {
  name: string;
  inputSchema: { type: 'object' };
}

/** What the low-level servers list: less than they answer to. */
export const lowLevelTools = (): { tools: ListedTool[] } => ({
  tools: ['echo', 'code', 'throw', 'odd'].map((name) => ({ name, inputSchema: SCHEMA })),
});

/** A result with more in it, or less, than the protocol knows. */
export function oddResult(asked: {
  readonly name: string;
  readonly given: object;
  readonly meta: unknown;
  readonly scopes: readonly string[];
}): Record<string, unknown> & { content: [] } {
  switch (asked.name) {
    case 'odd':
      return { content: [], extra: asked.given, _meta: { 'acme/own': 1 } };
    case 'typed':
      return { content: [], resultType: 'complete', isError: false };
    default:
      return { content: [], structuredContent: asked };
  }
}
