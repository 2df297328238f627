import { describe, expect, it } from 'vitest';
import { createTessera } from '../../src/index.js';
import { McpServer } from '@modelcontextprotocol/server';

const TOKEN = 'a-token-that-is-long-enough-for-tests-0123456789';
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

describe('A request whose headers can only be asked for by name', () => {
  it.each([true, false])('is answered in the stateless era (direct: %s)', async (direct) => {
    const tessera = createTessera({ stateless: { direct } });
    tessera.addTenant({
      id: 'acme',
      tokens: [TOKEN],
      server: () => {
        const server = new McpServer({ name: 'acme', version: '1' });
        server.registerTool('ping', {}, (context) => ({
          content: [
            {
              type: 'text',
              text: JSON.stringify([
                context.http?.req?.headers.get('x-seen'),
                context.http?.req?.headers.get('authorization'),
              ]),
            },
          ],
        }));
        return server;
      },
    });
    const headers: Record<string, string> = {
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'ping',
      'x-seen': 'yes',
    };
    const params = { name: 'ping', _meta: META };
    const answer = await tessera.handle({
      method: 'POST',
      url: '/mcp',
      headers: { get: (name) => headers[name.toLowerCase()] ?? null },
      text: () => Promise.resolve(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params })),
    });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body as string)).toMatchObject({
      id: 1,
      result: { content: [{ text: '["yes",null]' }] },
    });
    await tessera.close();
  });
});
