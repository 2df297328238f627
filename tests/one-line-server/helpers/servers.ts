import { McpServer as ServerOfSdkV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as ServerOfSdkV2 } from '@modelcontextprotocol/server';
import type { ServerFactory } from '@tessera-mcp/node';

const VERSION = '1.2.3';

/** A server of SDK v1; each tool answers `<server name>/<tool name>`. */
export function serverV1(
  name: string,
  tools: readonly string[] = ['greet'],
  version = VERSION,
): ServerOfSdkV1 {
  const mcp = new ServerOfSdkV1({ name, version });
  for (const tool of tools) mcp.tool(tool, `Answers for ${tool}`, {}, () => answer(`${name}/${tool}`));
  return mcp;
}

/** The same server, of SDK v2. */
export function serverV2(
  name: string,
  tools: readonly string[] = ['greet'],
  version = VERSION,
): ServerOfSdkV2 {
  const mcp = new ServerOfSdkV2({ name, version });
  for (const tool of tools) {
    mcp.registerTool(tool, { description: `Answers for ${tool}` }, () => answer(`${name}/${tool}`));
  }
  return mcp;
}

/** A server of SDK v1 with one more tool, `wait`, that answers when `release` resolves. */
export function waitingServer(name: string, wait: (signal: AbortSignal) => Promise<unknown>): ServerOfSdkV1 {
  const mcp = serverV1(name);
  mcp.tool('wait', 'Answers when it is told to', {}, async (_args, { signal }) => {
    await wait(signal);
    return answer(`${name}/wait`);
  });
  return mcp;
}

/** The result of a tool. */
export function answer(text: string): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text }] };
}

/** What a factory may return, of both SDKs. */
export const flavours: readonly { readonly flavour: string; readonly of: (name: string) => ServerFactory }[] =
  [
    { flavour: 'an McpServer of SDK v1', of: (name) => () => serverV1(name) },
    { flavour: 'the low-level server of an McpServer of SDK v1', of: (name) => () => serverV1(name).server },
    { flavour: 'an McpServer of SDK v2', of: (name) => () => serverV2(name) },
    { flavour: 'the low-level server of an McpServer of SDK v2', of: (name) => () => serverV2(name).server },
    { flavour: 'a promise of a server', of: (name) => () => Promise.resolve(serverV1(name)) },
  ];

/** The text of a tool's result. */
export function textOf(result: unknown): string {
  const { content } = result as { content?: { text?: string }[] };
  return content?.[0]?.text ?? '';
}

/** The names in the answer to `tools/list`. */
export function namesOf(list: { tools: { name: string }[] }): string[] {
  return list.tools.map((tool) => tool.name).sort();
}
