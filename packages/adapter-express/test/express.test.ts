import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { createTessera, type Tessera } from '@tessera-mcp/core';
import compression from 'compression';
import express5 from 'express';
import express4 from 'express4';
import { describe, expect, it, onTestFinished } from 'vitest';
import { toExpressHandler, type ExpressRequest } from '../src/index.js';

const TOKEN = 'a-token-for-tests-that-is-long-enough';

function makeTessera(endpoint = '/mcp'): Tessera {
  const tessera = createTessera({ endpoint, logger: { ...console, warn: () => undefined } });
  const server = (): McpServer => {
    const mcp = new McpServer({ name: 'acme', version: '1.0.0' });
    mcp.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'Hello!' }] }));
    return mcp;
  };
  tessera.addTenant({ id: 'acme', server, tokens: [TOKEN] });
  onTestFinished(() => tessera.close());
  return tessera;
}

async function listen(app: express5.Express): Promise<string> {
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  const headers = { authorization: `Bearer ${TOKEN}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  onTestFinished(() => client.close());
  return client;
}

const HELLO = { content: [{ type: 'text', text: 'Hello!' }] };

describe.each([
  ['4', express4],
  ['5', express5],
])('A tessera in an app of Express %s', (_version, express) => {
  it.each(['/assistant', '/v1/mcp'])('has the path of its route: %s', async (path) => {
    const origin = await listen(express().all(path, toExpressHandler(makeTessera())));
    const client = await connect(origin + path);
    expect(await client.callTool({ name: 'hello' })).toEqual(HELLO);
    expect((await fetch(`${origin}/mcp`)).status).toBe(404);
  });

  it('is where its router is, and its own endpoint behind that', async () => {
    const router = express.Router().use(toExpressHandler(makeTessera('/tools')));
    const client = await connect(
      `${await listen(express().use('/customers/:id', router))}/customers/7/tools`,
    );
    expect(await client.callTool({ name: 'hello' })).toEqual(HELLO);
  });

  it('leaves requests to a route that comes after it, also when a route before it has passed them on', async () => {
    const app = express();
    app.all('*path'.slice(0, express === express4 ? 1 : undefined), (_request, _response, next) => {
      next();
    });
    app.use('/mcp', toExpressHandler(makeTessera()));
    app.get('/mcp/help', (_request, response) => void response.send('help'));
    const origin = await listen(app);
    expect(await (await fetch(`${origin}/mcp/help`)).text()).toBe('help');
    expect((await fetch(`${origin}/mcp`)).status).toBe(401);
  });

  it('tells on the request who has called', async () => {
    const seen: unknown[] = [];
    const app = express().use((request, response, next) => {
      response.on('finish', () => seen.push((request as ExpressRequest).auth?.extra?.['tenantId']));
      next();
    });
    const client = await connect(`${await listen(app.use(toExpressHandler(makeTessera())))}/mcp`);
    await client.callTool({ name: 'hello' });
    expect(new Set(seen.filter((tenant) => tenant !== undefined))).toEqual(new Set(['acme']));
  });

  it('reads a body that a parser has left as text or as bytes', async () => {
    for (const parser of [express.text({ type: '*/*' }), express.raw({ type: '*/*' })]) {
      const client = await connect(
        `${await listen(express().use(parser, toExpressHandler(makeTessera())))}/mcp`,
      );
      expect(await client.callTool({ name: 'hello' })).toEqual(HELLO);
    }
  });

  it('streams through a compressor without being held back', async () => {
    const tessera = makeTessera();
    const app = express().use(compression({ threshold: 0 }), toExpressHandler(tessera));
    const client = await connect(`${await listen(app)}/mcp`);
    const changed = new Promise<void>((resolve) => {
      client.fallbackNotificationHandler = () => {
        resolve();
        return Promise.resolve();
      };
    });
    await expect.poll(() => tessera.getStats().openStreams).toBe(1);
    tessera.notify('acme').toolsChanged();
    await changed;
  });

  it('leaves what a parser refuses to the error handler of the app', async () => {
    const app = express().use(express.json(), toExpressHandler(makeTessera()));
    // eslint-disable-next-line @typescript-eslint/no-unused-vars -- Express knows error handlers by their four parameters
    app.use(((error: { type: string }, _request, response, _next) => {
      response.status(418).send(error.type);
    }) as express5.ErrorRequestHandler);
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`${await listen(app)}/mcp`, { method: 'POST', headers, body: '{' });
    expect([response.status, await response.text()]).toEqual([418, 'entity.parse.failed']);
  });
});
