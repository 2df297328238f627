import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import { createTessera, generateToken, type McpServerLike, type Tessera } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { inMemoryFetch, TEST_URL, type InMemoryFetchOptions } from '../src/index.js';

const TOKENS = { acme: generateToken(), globex: generateToken() };

const INFO = { name: 'notes', version: '1.0.0' };
const TEXT = 'text' as const;

const SERVERS: Readonly<Record<string, (owner: string) => McpServerLike>> = {
  'SDK v1': (owner) => {
    const server = new McpServerV1(INFO);
    server.registerTool('owner', { description: 'Whose notes these are' }, () => ({
      content: [{ type: TEXT, text: owner }],
    }));
    return server;
  },
  'SDK v2': (owner) => {
    const server = new McpServerV2(INFO);
    server.registerTool('owner', { description: 'Whose notes these are' }, () => ({
      content: [{ type: TEXT, text: owner }],
    }));
    return server;
  },
};

/** What the tests do with a client of either SDK. */
interface TestClient {
  readonly told: string[];
  listTools(): Promise<{ readonly tools: readonly { readonly name: string }[] }>;
  callTool(request: { readonly name: string }): Promise<unknown>;
  close(): Promise<void>;
}

const CLIENTS: Readonly<
  Record<string, (tessera: Tessera, options: InMemoryFetchOptions) => Promise<TestClient>>
> = {
  'SDK v1': async (tessera, options) => {
    const client = new ClientV1(INFO);
    const told: string[] = [];
    client.fallbackNotificationHandler = ({ method }) => {
      told.push(method);
      return Promise.resolve();
    };
    await client.connect(new TransportV1(new URL(TEST_URL), { fetch: inMemoryFetch(tessera, options) }));
    return Object.assign(client, { told });
  },
  'SDK v2': async (tessera, options) => {
    const client = new ClientV2(INFO);
    const told: string[] = [];
    client.fallbackNotificationHandler = ({ method }) => {
      told.push(method);
      return Promise.resolve();
    };
    await client.connect(new TransportV2(new URL(TEST_URL), { fetch: inMemoryFetch(tessera, options) }));
    return Object.assign(client, { told });
  },
};

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

function notesTessera(makeServer: (owner: string) => McpServerLike): Tessera {
  const tessera = createTessera();
  opened.push(tessera);
  for (const owner of ['acme', 'globex'] as const) {
    tessera.addTenant({ id: owner, server: () => makeServer(owner), tokens: [TOKENS[owner]] });
  }
  return tessera;
}

const COMBINATIONS = Object.entries(CLIENTS).flatMap(([client, connect]) =>
  Object.entries(SERVERS).map(([server, makeServer]) => ({ client, connect, server, makeServer })),
);

describe.each(COMBINATIONS)(
  'A client of $client and servers of $server, without a socket',
  ({ connect, makeServer }) => {
    it.each([false, true])(
      'List tools and call them, each tenant its own (bodies parsed: %s).',
      async (parseBodies) => {
        const tessera = notesTessera(makeServer);
        for (const owner of ['acme', 'globex'] as const) {
          const client = await connect(tessera, { token: TOKENS[owner], parseBodies });
          opened.push(client);
          expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['owner']);
          expect(await client.callTool({ name: 'owner' })).toMatchObject({
            content: [{ type: 'text', text: owner }],
          });
        }
        expect(tessera.getStats().activeSessions).toBe(2);
      },
    );

    it('Hear on the GET stream what the server says of its own accord.', async () => {
      const tessera = notesTessera(makeServer);
      const client = await connect(tessera, { token: TOKENS.acme });
      opened.push(client);
      await vi.waitFor(() => {
        expect(tessera.getStats().openStreams).toBe(1);
      });
      tessera.notify('acme').toolsChanged();
      await vi.waitFor(() => {
        expect(client.told).toEqual(['notifications/tools/list_changed']);
      });
    });

    it('Leave no stream open when the client closes.', async () => {
      const tessera = notesTessera(makeServer);
      const client = await connect(tessera, { token: TOKENS.acme });
      await vi.waitFor(() => {
        expect(tessera.getStats().openStreams).toBe(1);
      });
      await client.close();
      await vi.waitFor(() => {
        expect(tessera.getStats().openStreams).toBe(0);
      });
    });

    it('Cannot connect with an unknown token.', async () => {
      const tessera = notesTessera(makeServer);
      await expect(connect(tessera, { token: generateToken() })).rejects.toThrow();
      expect(tessera.getStats().activeSessions).toBe(0);
    });
  },
);
