import { clientConfig } from '@tessera-mcp/fastify';

/** A block of configuration that can be pasted as it is. */
export interface ConfigBlock {
  readonly client: string;
  /** Where it goes. */
  readonly file: string;
  readonly text: string;
}

/** What VS Code, Claude Code and Cursor need to call the endpoint with one token. */
export function configBlocks(name: string, url: string, token: string): ConfigBlock[] {
  return [
    { client: 'VS Code', file: '.vscode/mcp.json', for: 'vscode' as const },
    { client: 'Claude Code', file: '.mcp.json', for: 'claude-code' as const },
    { client: 'Cursor', file: '.cursor/mcp.json', for: 'cursor' as const },
  ].map(({ client, file, for: target }) => {
    const config = clientConfig(token, url, { for: target, name });
    return { client, file, text: JSON.stringify(config, null, 2) };
  });
}
