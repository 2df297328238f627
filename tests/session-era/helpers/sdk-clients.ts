import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { closeLater } from './cleanup.js';

/** What a client was told. */
interface Told {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/** A client that is connected, whichever SDK it is of. */
export interface ConnectedClient {
  readonly told: readonly Told[];
  readonly sessionId: () => string | undefined;
  /** Calls a tool and gives the text of its result. */
  readonly call: (tool: string, text?: string, onprogress?: (progress: number) => void) => Promise<string>;
  readonly setLevel: (level: 'debug' | 'error') => Promise<unknown>;
  readonly subscribe: (uri: string) => Promise<unknown>;
  readonly tools: () => Promise<string[]>;
  /** Ends the session. */
  readonly terminate: () => Promise<void>;
}

/** One of the SDKs that clients are written with. */
export interface ClientSdk {
  readonly name: string;
  connect(url: URL, token: string, fetchLike: typeof fetch): Promise<ConnectedClient>;
}

const INFO = { name: 'a client', version: '1.0.0' };
const OPTIONS = { capabilities: { elicitation: {}, sampling: {} } };
const ELICITED = { action: 'accept' as const, content: { name: 'Ada' } };
const SAMPLED = {
  role: 'assistant' as const,
  model: 'none',
  content: { type: 'text' as const, text: 'a sample' },
};

const transportOptions = (
  token: string,
  fetchLike: typeof fetch,
): {
  requestInit: { headers: Record<string, string> };
  fetch: (url: string | URL, init?: RequestInit) => Promise<Response>;
  reconnectionOptions: {
    initialReconnectionDelay: number;
    maxReconnectionDelay: number;
    reconnectionDelayGrowFactor: number;
    maxRetries: number;
  };
} => ({
  requestInit: { headers: { authorization: `Bearer ${token}` } },
  fetch: fetchLike,
  reconnectionOptions: {
    initialReconnectionDelay: 50,
    maxReconnectionDelay: 200,
    reconnectionDelayGrowFactor: 1,
    maxRetries: 20,
  },
});

function connected(
  client: ClientV1 | ClientV2,
  transport: TransportV1 | TransportV2,
  told: readonly Told[],
): ConnectedClient {
  return {
    told,
    sessionId: () => transport.sessionId,
    call: async (tool, text = '', onprogress) => {
      const params = { name: tool, arguments: { text } };
      const options =
        onprogress === undefined
          ? {}
          : {
              onprogress: ({ progress }: { progress: number }) => {
                onprogress(progress);
              },
            };
      const result =
        client instanceof ClientV1
          ? await client.callTool(params, undefined, options)
          : await client.callTool(params, options);
      const [content] = result.content as { text?: string }[];
      return content?.text ?? '';
    },
    setLevel: (level) => client.setLoggingLevel(level),
    subscribe: (uri) => client.subscribeResource({ uri }),
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    terminate: () => transport.terminateSession(),
  };
}

export const CLIENT_V1: ClientSdk = {
  name: 'client of SDK v1',
  connect: async (url, token, fetchLike) => {
    const client = new ClientV1(INFO, OPTIONS);
    const told: Told[] = [];
    client.fallbackNotificationHandler = ({ method, params }) => {
      told.push({ method, params });
      return Promise.resolve();
    };
    client.setRequestHandler(ElicitRequestSchema, () => ELICITED);
    client.setRequestHandler(CreateMessageRequestSchema, () => SAMPLED);
    const transport = new TransportV1(url, transportOptions(token, fetchLike));
    closeLater(() => client.close());
    await client.connect(transport);
    return connected(client, transport, told);
  },
};

export const CLIENT_V2: ClientSdk = {
  name: 'client of SDK v2',
  connect: async (url, token, fetchLike) => {
    const client = new ClientV2(INFO, OPTIONS);
    const told: Told[] = [];
    client.fallbackNotificationHandler = ({ method, params }) => {
      told.push({ method, params });
      return Promise.resolve();
    };
    client.setRequestHandler('elicitation/create', () => ELICITED);
    client.setRequestHandler('sampling/createMessage', () => SAMPLED);
    const transport = new TransportV2(url, transportOptions(token, fetchLike));
    closeLater(() => client.close());
    await client.connect(transport);
    return connected(client, transport, told);
  },
};

/** A `fetch` that asks one of several servers, as a load balancer does; where it goes can change at any time. */
export class Switch {
  port: number;

  constructor(port: number) {
    this.port = port;
  }

  readonly fetch: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    url.port = String(this.port);
    return fetch(url, init);
  };
}
