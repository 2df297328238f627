import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernTransport,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type {
  PerBearerMcpServer,
  PerBearerMcpServerOptions,
  ServerFactory,
  ServerInfo,
} from '@tessera-mcp/node';
import { afterEach } from 'vitest';
import type { Adapter } from './adapters.js';
import { recordingLogger } from './recording-logger.js';

/** A server that listens, and where. */
interface Running {
  readonly server: PerBearerMcpServer;
  readonly info: ServerInfo;
  readonly url: string;
}

/** A client of SDK v1 with its session. */
interface Connected {
  readonly client: Client;
  readonly transport: StreamableHTTPClientTransport;
  readonly sessionId: string;
}

/** What a test needs; everything it makes is closed after the test. */
export interface Stage {
  /** A server that is silent unless a logger is given. */
  readonly make: (options?: PerBearerMcpServerOptions) => PerBearerMcpServer;
  /** A listening server with these tokens. */
  readonly start: (
    tokens: Readonly<Record<string, ServerFactory>>,
    options?: PerBearerMcpServerOptions,
  ) => Promise<Running>;
  readonly connect: (url: string, token: string) => Promise<Connected>;
  readonly connectModern: (url: string, token: string) => Promise<ModernClient>;
  readonly later: (clean: () => unknown) => void;
}

/** Call it in the body of a `describe`. */
export function createStage(adapter: Adapter): Stage {
  const cleanups: (() => unknown)[] = [];

  afterEach(async () => {
    const failures: unknown[] = [];
    for (const clean of cleanups.splice(0).reverse()) {
      try {
        await clean();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be closed.');
  });

  const later = (clean: () => unknown): void => {
    cleanups.push(clean);
  };

  const make = (options: PerBearerMcpServerOptions = {}): PerBearerMcpServer => {
    const server = adapter.create({ logger: recordingLogger(), ...options });
    later(() => (server.isRunning() ? server.stop() : undefined));
    return server;
  };

  const start: Stage['start'] = async (tokens, options) => {
    const server = make(options);
    for (const [token, factory] of Object.entries(tokens)) server.addToken(token, factory);
    const info = await server.start();
    return { server, info, url: info.url };
  };

  const connect = async (url: string, token: string): Promise<Connected> => {
    const client = new Client({ name: 'client-of-sdk-v1', version: '1.0.0' });
    const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: authorized(token) });
    later(() => client.close());
    // Its optional members say `| undefined` in one declaration and not in the other.
    await client.connect(transport);
    return { client, transport, sessionId: transport.sessionId ?? '' };
  };

  const connectModern = async (url: string, token: string): Promise<ModernClient> => {
    const client = new ModernClient(
      { name: 'client-of-sdk-v2', version: '1.0.0' },
      { versionNegotiation: { mode: 'auto' } },
    );
    later(() => client.close());
    await client.connect(new ModernTransport(new URL(url), { requestInit: authorized(token) }));
    return client;
  };

  return { make, start, connect, connectModern, later };
}

function authorized(token: string): { headers: Record<string, string> } {
  return { headers: { Authorization: `Bearer ${token}` } };
}
