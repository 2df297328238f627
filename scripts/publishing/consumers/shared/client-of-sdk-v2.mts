import assert from 'node:assert/strict';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Lists and calls the only tool that a token opens, with a client of SDK v2 that asks for the newest revision first. */
export async function callWithSdkV2(
  url: string,
  token: string,
  fetch: Fetch = globalThis.fetch,
): Promise<void> {
  const client = new Client(
    { name: 'client-of-sdk-v2', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  );
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { fetch, requestInit: { headers } }));
  const { tools } = await client.listTools();
  const [tool] = tools;
  assert.ok(tool !== undefined && tools.length === 1, 'the token opens one tool');
  const { content, isError } = await client.callTool({ name: tool.name });
  assert.match(JSON.stringify(content), /Hello/);
  assert.notEqual(isError, true);
  await client.close();
}
