import { isDeepStrictEqual } from 'node:util';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

/** Prints what happened; ends the program with exit code 1 when it is not what should have happened. */
export function show(what: string, actual: unknown, expected: unknown): void {
  console.log(`${what}: ${JSON.stringify(actual)}`);
  if (isDeepStrictEqual(actual, expected)) return;
  console.error(`It should have been ${JSON.stringify(expected)}.`);
  process.exit(1);
}

/** Connects a client with a token. */
export async function connect(url: string, token: string): Promise<Client> {
  const client = new Client({ name: 'example', version: '1.0.0' });
  const headers = { authorization: `Bearer ${token}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

/** What the programs need of a client of either SDK. */
interface ToolClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
}

/** The names of the tools a client sees. */
export async function toolNames(client: ToolClient): Promise<string[]> {
  return (await client.listTools()).tools.map(({ name }) => name);
}

/** The text a tool answers with. */
export async function callText(
  client: ToolClient,
  name: string,
  input: Record<string, unknown> = {},
): Promise<string> {
  const { content } = (await client.callTool({ name, arguments: input })) as { content: { text: string }[] };
  return content.map(({ text }) => text).join('');
}

/** Waits until something holds; ends the program with exit code 1 when that takes too long. */
export async function until(what: string, holds: () => boolean, limitMs = 5000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > end) {
      console.error(`"${what}" did not happen within ${String(limitMs)} ms.`);
      process.exit(1);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
