import {
  Client,
  StreamableHTTPClientTransport,
  type ElicitRequestFormParams,
} from '@modelcontextprotocol/client';
import { createTessera, generateToken, type ServerFactory, type TesseraOptions } from '@tessera-mcp/core';
import { inMemoryFetch, TEST_URL } from '@tessera-mcp/testing';
import { afterEach } from 'vitest';

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** What the user fills in, by the names of the fields. */
const FILLED_IN: Readonly<Record<string, string | boolean>> = {
  name: 'Ada',
  color: 'blue',
  ok: true,
  context: 'the weather',
  username: 'ada',
  email: 'ada@example.com',
};

/** A client that answers whatever a server asks of it. */
export interface AskedClient {
  readonly client: Client;
  /** Forms and lines of log, in the order they came in. */
  readonly told: readonly string[];
  /** Names of the lists that were said to be others now. */
  readonly changed: readonly string[];
}

/** Where the client is, and who it is. */
export interface AskedClientOptions {
  /** Which era it speaks. @default 'session' */
  readonly era?: 'session' | 'stateless';
  /** Options of the tessera that the server is behind. Default: none. */
  readonly tessera?: TesseraOptions;
  /** What the user does with a form. @default 'accept' */
  readonly action?: 'accept' | 'decline';
}

/** Connects such a client to a server behind a tessera, until the test is over. */
export async function askedClient(
  server: ServerFactory,
  { era = 'session', tessera: options = {}, action = 'accept' }: AskedClientOptions = {},
): Promise<AskedClient> {
  const token = generateToken();
  const tessera = createTessera(options);
  opened.push(tessera);
  tessera.addTenant({ id: 'everything', server, tokens: [token] });
  const told: string[] = [];
  const changed: string[] = [];
  const client = new Client(
    { name: 'asked', version: '1.0.0' },
    {
      capabilities: { sampling: {}, elicitation: {}, roots: {} },
      versionNegotiation: { mode: era === 'session' ? 'legacy' : { pin: '2026-07-28' } },
    },
  );
  client.setRequestHandler('sampling/createMessage', () => ({
    role: 'assistant',
    model: 'none',
    content: { type: 'text', text: 'It rains.' },
  }));
  client.setRequestHandler('elicitation/create', ({ params }) => {
    told.push(JSON.stringify({ ...params, _meta: undefined }));
    if (action === 'decline') return { action };
    const { required = [] } = (params as ElicitRequestFormParams).requestedSchema;
    return { action, content: Object.fromEntries(required.map((field) => [field, FILLED_IN[field] ?? ''])) };
  });
  client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///home' }] }));
  client.setNotificationHandler('notifications/message', ({ params }) => {
    told.push(String(params.data));
  });
  for (const list of ['tools', 'prompts'] as const) {
    client.setNotificationHandler(`notifications/${list}/list_changed`, () => {
      changed.push(list);
    });
  }
  await client.connect(
    new StreamableHTTPClientTransport(new URL(TEST_URL), { fetch: inMemoryFetch(tessera, { token }) }),
  );
  opened.push(client);
  return { client, told, changed };
}
