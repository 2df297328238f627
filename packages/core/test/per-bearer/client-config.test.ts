import { describe, expect, it } from 'vitest';
import { clientConfig, generateToken, type McpClientName } from '../../src/index.js';

const TOKEN = generateToken();
const URL_ = 'http://127.0.0.1:8080/mcp';

describe('clientConfig', () => {
  it('writes what each client reads', () => {
    const headers = { Authorization: `Bearer ${TOKEN}` };
    expect(clientConfig(TOKEN, URL_, { for: 'vscode', name: 'acme' })).toEqual({
      servers: { acme: { type: 'http', url: URL_, headers } },
    });
    expect(clientConfig(TOKEN, URL_, { for: 'claude-code' })).toEqual({
      mcpServers: { tessera: { type: 'http', url: URL_, headers } },
    });
    expect(clientConfig(TOKEN, URL_, { for: 'claude-desktop' })).toEqual({
      mcpServers: { tessera: { type: 'http', url: URL_, headers } },
    });
    expect(clientConfig(TOKEN, URL_, { for: 'cursor' })).toEqual({
      mcpServers: { tessera: { url: URL_, headers } },
    });
  });

  it.each([
    ['vscode', '${env:MCP_TOKEN}'],
    ['claude-code', '${MCP_TOKEN}'],
    ['claude-desktop', '${MCP_TOKEN}'],
    ['cursor', '${env:MCP_TOKEN}'],
  ] as [McpClientName, string][])('leaves the token of %s to the environment', (client, placeholder) => {
    const text = JSON.stringify(clientConfig(TOKEN, URL_, { for: client, token: 'environment' }));
    expect(text).toContain(`Bearer ${placeholder}`);
    expect(text).not.toContain(TOKEN);
  });

  it('lets VS Code ask for the token', () => {
    const config = clientConfig(TOKEN, URL_, { for: 'vscode', token: 'prompt' });
    expect(config).toMatchObject({
      inputs: [{ type: 'promptString', id: 'mcp-token', password: true }],
      servers: { tessera: { headers: { Authorization: 'Bearer ${input:mcp-token}' } } },
    });
    expect(JSON.stringify(config)).not.toContain(TOKEN);
  });

  it.each([
    ['a prompt for another client', TOKEN, URL_, { for: 'cursor', token: 'prompt' }],
    ['an unknown client', TOKEN, URL_, { for: 'emacs' }],
    ['an unknown option', TOKEN, URL_, { for: 'cursor', format: 'json' }],
    ['no address', TOKEN, 'nowhere', { for: 'cursor' }],
    ['no token', '', URL_, { for: 'cursor' }],
  ])('refuses %s', (_what, token, url, options) => {
    expect(() => clientConfig(token, url, options as never)).toThrow(/invalid_option|malformed_token/);
  });
});
