import { coreError } from '../errors/core-error.js';
import { checkChoice, checkNames, checkUrl } from '../shared/check-options.js';
import { checkToken } from '../tokens/token.js';

/** A client that `clientConfig` writes configuration for. */
export type McpClientName = 'vscode' | 'claude-code' | 'claude-desktop' | 'cursor';

/** How `clientConfig` writes it. */
export interface ClientConfigOptions {
  readonly for: McpClientName;
  /** What the client calls the server. @default 'tessera' */
  readonly name?: string;
  /**
   * How the token gets in. `literal`: as it is. `environment`: the client takes it from the variable `MCP_TOKEN`.
   * `prompt`: the client asks for it and keeps it; only VS Code can. @default 'literal'
   */
  readonly token?: 'literal' | 'environment' | 'prompt';
}

const PROMPT_ID = 'mcp-token';

const CLIENTS: readonly McpClientName[] = ['vscode', 'claude-code', 'claude-desktop', 'cursor'];

/**
 * The configuration a client needs to call an endpoint with a token, as an object to print as JSON.
 *
 * @param token the bearer token; with `environment` and `prompt` it does not appear in the result
 * @param url address of the endpoint
 * @throws `malformed_token`, `invalid_option`
 */
export function clientConfig(
  token: string,
  url: string,
  options: ClientConfigOptions,
): Record<string, unknown> {
  checkNames('', options, ['for', 'name', 'token']);
  const { for: client, name = 'tessera', token: how = 'literal' } = options;
  checkToken(token);
  checkUrl('url', url);
  checkChoice('for', client, CLIENTS);
  checkChoice('token', how, ['literal', 'environment', 'prompt']);
  if (how === 'prompt' && client !== 'vscode') {
    throw coreError(
      'invalid_option',
      'Only VS Code can ask for a token. Use token: "environment" for others.',
    );
  }
  const headers = { Authorization: `Bearer ${tokenText(token, client, how)}` };
  if (client === 'cursor') return { mcpServers: { [name]: { url, headers } } };
  const server = { [name]: { type: 'http', url, headers } };
  if (client !== 'vscode') return { mcpServers: server };
  return how === 'prompt' ? { inputs: [promptInput()], servers: server } : { servers: server };
}

function tokenText(token: string, client: McpClientName, how: string): string {
  if (how === 'literal') return token;
  if (how === 'prompt') return `\${input:${PROMPT_ID}}`;
  // VS Code and Cursor say in their placeholders where a value comes from.
  return client === 'vscode' || client === 'cursor' ? '${env:MCP_TOKEN}' : '${MCP_TOKEN}';
}

function promptInput(): Record<string, unknown> {
  return {
    type: 'promptString',
    id: PROMPT_ID,
    description: 'Bearer token of the MCP server',
    password: true,
  };
}
