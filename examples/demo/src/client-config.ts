/** A block of configuration that can be pasted as it is. */
export interface ConfigBlock {
  readonly client: string;
  /** Where it goes. */
  readonly file: string;
  readonly text: string;
}

/** What VS Code, Claude Code and Cursor need to call the endpoint with one token. */
export function clientConfigs(name: string, url: string, token: string): ConfigBlock[] {
  const headers = { Authorization: `Bearer ${token}` };
  const json = (value: unknown): string => JSON.stringify(value, null, 2);
  return [
    {
      client: 'VS Code',
      file: '.vscode/mcp.json',
      text: json({ servers: { [name]: { type: 'http', url, headers } } }),
    },
    {
      client: 'Claude Code',
      file: '.mcp.json',
      text: json({ mcpServers: { [name]: { type: 'http', url, headers } } }),
    },
    {
      client: 'Cursor',
      file: '.cursor/mcp.json',
      text: json({ mcpServers: { [name]: { url, headers } } }),
    },
  ];
}
