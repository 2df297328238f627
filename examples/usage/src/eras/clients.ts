import { Client, StreamableHTTPClientTransport, type ClientOptions } from '@modelcontextprotocol/client';

/** What a client of the stateless era is like. */
interface StatelessClientOptions extends ClientOptions {
  /** What it fills into forms. Without it, it cannot be asked. */
  readonly answers?: Record<string, boolean>;
  /** Told when it is asked. */
  readonly onAsked?: () => unknown;
  /** Sends its requests. */
  readonly fetch?: typeof fetch;
}

/** Connects a client of SDK v2 that asks for the stateless era first. */
export async function connectStateless(
  url: string,
  token: string,
  { answers, onAsked, fetch: send = fetch, ...options }: StatelessClientOptions = {},
): Promise<Client> {
  const client = new Client(
    { name: 'example', version: '1.0.0' },
    {
      capabilities: answers === undefined ? {} : { elicitation: {} },
      versionNegotiation: { mode: 'auto' },
      ...options,
    },
  );
  if (answers !== undefined) {
    client.setRequestHandler('elicitation/create', () => {
      onAsked?.();
      return { action: 'accept', content: answers };
    });
  }
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit, fetch: send }));
  return client;
}
