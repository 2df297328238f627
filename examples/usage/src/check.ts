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

/** The names of the tools a client sees. */
export async function toolNames(client: Client): Promise<string[]> {
  return (await client.listTools()).tools.map(({ name }) => name);
}

/** The text a tool answers with. */
export async function callText(
  client: Client,
  name: string,
  input: Record<string, unknown> = {},
): Promise<string> {
  const { content } = (await client.callTool({ name, arguments: input })) as { content: { text: string }[] };
  return content.map(({ text }) => text).join('');
}
