import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { describe, expect, it } from 'vitest';
import { createTessera } from '../../src/index.js';
import { INITIALIZE, post } from '../helpers/requests.js';

const TOKEN = 'mcpt_a-token-that-is-long-enough-for-everybody';

function askingServer(): McpServer {
  const server = new McpServer({ name: 'asking', version: '1.0.0' });
  server.registerTool('ask', {}, async (extra) => {
    const params = { message: 'Well?', requestedSchema: { type: 'object' as const, properties: {} } };
    await server.server.elicitInput(params, { signal: extra.signal, relatedRequestId: extra.requestId });
    return { content: [] };
  });
  return server;
}

async function readUntil(body: ReadableStream<Uint8Array> | null, text: string): Promise<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let seen = '';
  while (reader !== undefined && !seen.includes(text)) {
    const { done, value } = await reader.read();
    if (done) break;
    seen += decoder.decode(value, { stream: true });
  }
  return seen;
}

describe('a question that the server withdraws', () => {
  it('is taken back at the next stream of a client that has none when its call is cancelled', async () => {
    const tessera = createTessera();
    tessera.addTenant({ id: 'a', tokens: [TOKEN], server: () => askingServer() });
    const params = { ...INITIALIZE.params, capabilities: { elicitation: {} } };
    const opened = await tessera.fetch(post(TOKEN, { ...INITIALIZE, params }));
    const session = opened.headers.get('mcp-session-id') ?? '';
    const call = await tessera.fetch(
      post(TOKEN, { id: 7, method: 'tools/call', params: { name: 'ask' } }, session),
    );
    const asked = await readUntil(call.body, 'elicitation/create');
    const [, question = ''] = /"id":(\d+)/.exec(asked) ?? [];
    await tessera.fetch(
      post(TOKEN, { method: 'notifications/cancelled', params: { requestId: 7 } }, session),
    );
    const stream = await tessera.fetch(
      new Request('http://tessera.test/mcp', {
        headers: { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream', 'mcp-session-id': session },
      }),
    );
    const told = await readUntil(stream.body, 'notifications/cancelled');
    expect(told).toContain(`"requestId":${question}`);
    await tessera.close();
  });
});
