import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createTessera, type AuthInfo, type Tessera } from '@tessera-mcp/core';
import type { ExpressRequest } from '@tessera-mcp/express';
import { toHonoHandler } from '@tessera-mcp/hono';
import { createPerBearerMcpServer, serve } from '@tessera-mcp/node';
import { TEST_URL, inMemoryFetch } from '@tessera-mcp/testing';
import express from 'express';
import Fastify, { type FastifyInstance } from 'fastify';
import { Hono } from 'hono';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as coreManage from '../examples/snippets/src/core/manage.js';
import * as coreMount from '../examples/snippets/src/core/mount.js';
import * as expressMount from '../examples/snippets/src/express/mount.js';
import * as fastifyMount from '../examples/snippets/src/fastify/mount.js';
import * as honoMount from '../examples/snippets/src/hono/mount.js';
import * as nodeMount from '../examples/snippets/src/node/mount.js';
import * as whileItRuns from '../examples/snippets/src/while-it-runs.js';
import { fencesOf } from '../scripts/docs/fences.js';
import { readPages } from '../scripts/docs/pages.js';
import { regionsOf } from '../scripts/docs/regions.js';
import { syncPage } from '../scripts/docs/snippets.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PRINT_PORT = new URL('fixtures/print-port.ts', import.meta.url).href;

function read(path: string): string | undefined {
  return existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : undefined;
}

/** The first program of a page, or the first one with a word in it, on a free port. */
function firstProgramOf(page: string, word = ''): string {
  const programs = fencesOf(read(page) ?? '').filter(({ language }) => language === 'ts');
  return programs.find(({ code }) => code.includes(word))?.code.replace(/\b8080\b/, '0') ?? '';
}

/** Writes a program where it finds the packages that it imports. */
async function fileWith(program: string): Promise<string> {
  const folder = await mkdtemp(join(ROOT, 'examples/snippets/run-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'program.ts');
  await writeFile(file, program);
  return file;
}

/** Runs a program until it prints something, and gives what the expression finds in it. */
async function run(program: string, expected: RegExp): Promise<string> {
  const imports = ['tsx', PRINT_PORT].flatMap((module) => ['--import', module]);
  const child = spawn(process.execPath, [...imports, await fileWith(program)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill());
  return new Promise((resolve, reject) => {
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
        const [, found] = expected.exec(printed) ?? [];
        if (found !== undefined) resolve(found);
      });
    }
    child.once('close', () => {
      reject(new Error(`The program ended and had printed: ${printed}`));
    });
  });
}

async function connect(url: string, token: string, fetchLike: typeof fetch = fetch): Promise<Client> {
  const client = new Client({ name: 'reader', version: '1.0.0' });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit, fetch: fetchLike }));
  onTestFinished(() => client.close());
  return client;
}

/** Lists the tools and calls the first one. */
async function used(client: Client): Promise<unknown> {
  const { tools } = await client.listTools();
  const names = tools.map(({ name }) => name);
  const { content } = await client.callTool({ name: names[0] ?? '' });
  return { names, content };
}

function helloOf(name: string): unknown {
  return { names: ['hello'], content: [{ type: 'text', text: `Hello, ${name}!` }] };
}

/** Runs a program that serves somebody, lists and calls that one's tools, and knocks without a token. */
async function serves(program: string, name: string): Promise<{ origin: string }> {
  const port = await run(program, /Listening on port (\d+)\./);
  const origin = `http://127.0.0.1:${port}`;
  expect(await used(await connect(`${origin}/mcp`, `token-of-${name.toLowerCase()}`))).toEqual(helloOf(name));
  expect((await fetch(`${origin}/mcp`, { method: 'POST' })).status).toBe(401);
  return { origin };
}

describe('the first program of a README', () => {
  it.each(['README.md', 'packages/adapter-node/README.md'])(
    'serves real clients, and nobody without a token: %s',
    async (page) => {
      await serves(firstProgramOf(page), 'Alice');
    },
  );

  it.each(['fastify', 'express', 'hono'])(
    'serves real clients, nobody without a token, and the route beside: %s',
    async (adapter) => {
      const { origin } = await serves(firstProgramOf(`packages/adapter-${adapter}/README.md`), 'Acme');
      const response = await fetch(origin);
      expect([response.status, await response.text()]).toEqual([200, 'The shop']);
    },
  );

  it.each(['fastify', 'express', 'hono'])('has one beside it that listens alone: %s', async (adapter) => {
    const page = `packages/adapter-${adapter}/README.md`;
    await serves(firstProgramOf(page, 'createPerBearerMcpServer('), 'Alice');
  });

  it('refuses its own request without a token in core, as it prints', async () => {
    expect(await run(firstProgramOf('packages/core/README.md'), /^(401) \{/m)).toBe('401');
  });

  it('serves real clients through fetch in core', async () => {
    const file = await fileWith(`${firstProgramOf('packages/core/README.md')}\nexport { tessera };\n`);
    const { tessera } = (await import(pathToFileURL(file).href)) as { tessera: Tessera };
    const fetchLike = (url: string | URL | Request, init?: RequestInit): Promise<Response> =>
      tessera.fetch(new Request(url, init));
    const client = await connect('http://localhost/mcp', 'token-of-acme', fetchLike);
    expect(await used(client)).toEqual(helloOf('Acme'));
    expect((await fetchLike('http://localhost/mcp', { method: 'POST' })).status).toBe(401);
  });
});

describe('the README of testing', () => {
  it('begins with a program that calls a tool without a socket, and prints what it says it prints', async () => {
    const program = firstProgramOf('packages/testing/README.md');
    const printed = await run(program, /^(\{ content: [^]*?\n401)$/m);
    expect(printed).toMatch(/^\{ content: \[ \{ type: 'text', text: 'Hello, Acme!' \} \] \}\n401$/);
    expect(printed).not.toContain('Listening on port');
  });

  it('says what is so without sessions', async () => {
    const client = new ClientV2(
      { name: 'reader', version: '1.0.0' },
      { versionNegotiation: { mode: 'auto' } },
    );
    const transport = new TransportV2(new URL(TEST_URL), { fetch: inMemoryFetch(acme(), { token: TOKEN }) });
    await client.connect(transport);
    onTestFinished(() => client.close());
    const { tools } = await client.listTools();
    const { content } = await client.callTool({ name: 'hello' });
    expect({ names: tools.map(({ name }) => name), content }).toEqual(HELLO);
    expect([client.getNegotiatedProtocolVersion(), transport.sessionId]).toEqual(['2026-07-28', undefined]);
  });

  it('says what is so under a prefix and behind a parser', async () => {
    const fetchLike = inMemoryFetch(acme(), { prefix: '/api', parseBodies: true });
    expect(await used(await connect('http://localhost/api/mcp', TOKEN, fetchLike))).toEqual(HELLO);
    expect((await fetchLike(TEST_URL)).status).toBe(404);
  });

  it('says what is so for an app', async () => {
    const app = new Hono().get('/', (c) => c.text('The shop')).use(toHonoHandler(acme()));
    const fetchLike = inMemoryFetch({ fetch: (request) => app.fetch(request) });
    expect(await used(await connect(TEST_URL, TOKEN, fetchLike))).toEqual(HELLO);
    expect(await (await fetchLike('http://localhost/')).text()).toBe('The shop');
  });
});

const TOKEN = 'token-of-acme';
const HELLO = helloOf('Acme');

const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

function createAcme(): McpServer {
  const mcp = new McpServer({ name: 'acme-tools', version: '1.0.0' });
  mcp.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'Hello, Acme!' }] }));
  return mcp;
}

/** A tessera with one tenant and one tool. */
function acme(): Tessera {
  const tessera = createTessera({ logger: SILENT });
  tessera.addTenant({ id: 'acme', server: createAcme, tokens: [TOKEN] });
  onTestFinished(() => tessera.close());
  return tessera;
}

/** Listens on a free port for as long as the test runs. */
async function listening(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

describe('what a README says about mounting', () => {
  it('is so for core', async () => {
    const tessera = acme();
    const answer = coreMount.besideOthers(tessera, () => Promise.resolve(new Response('The shop')));
    const fetchLike = (url: string | URL | Request, init?: RequestInit): Promise<Response> =>
      answer(new Request(url, init));
    expect(await used(await connect('http://localhost/api/mcp', TOKEN, fetchLike))).toEqual(HELLO);
    expect(await (await fetchLike('http://localhost/mcp')).text()).toBe('The shop');
  });

  it('is so for core behind a parser', async () => {
    const tessera = acme();
    const fetchLike = (url: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const request = new Request(url, init);
      return request.method === 'POST' && init?.body !== undefined
        ? coreMount.behindParser(tessera, request)
        : tessera.fetch(request);
    };
    expect(await used(await connect('http://localhost/mcp', TOKEN, fetchLike))).toEqual(HELLO);
  });

  it('is so for Node', async () => {
    const others = nodeMount.besideOthers(acme(), (_request, response) => response.end('The shop'));
    const origin = await listening(others);
    expect(await used(await connect(`${origin}/api/mcp`, TOKEN))).toEqual(HELLO);
    expect(await (await fetch(`${origin}/mcp`)).text()).toBe('The shop');
  });

  it('is so for Node behind a parser', async () => {
    const tessera = acme();
    const parser = express().use(express.json(), (request, response) =>
      nodeMount.behindParser(tessera, request, response),
    );
    expect(await used(await connect(`${await listening(createServer(parser))}/mcp`, TOKEN))).toEqual(HELLO);
  });

  it.each(['/mcp', '/api/mcp', '/assistant'])('is so for Fastify at %s', async (path) => {
    const app = Fastify();
    await fastifyMount.atThreePlaces(app, acme());
    const origin = await listeningFastify(app);
    expect(await used(await connect(`${origin}${path}`, TOKEN))).toEqual(HELLO);
  });

  it('is so for the sessions of Fastify', async () => {
    const lines: string[] = [];
    const app = Fastify({ logger: { stream: { write: (line) => lines.push(line) } } });
    await fastifyMount.atThreePlaces(app, acme());
    fastifyMount.watch(app);
    await connect(`${await listeningFastify(app)}/mcp`, TOKEN);
    expect(lines.join('')).toMatch(/"sessionId":"[^"]+","tenants":1,/);
  });

  it.each(['/mcp', '/api/mcp', '/assistant'])('is so for Express at %s', async (path) => {
    const app = express();
    expressMount.atThreePlaces(app, acme());
    expect(await used(await connect(`${await listening(createServer(app))}${path}`, TOKEN))).toEqual(HELLO);
  });

  it('is so for Express behind a parser', async () => {
    const app = express();
    expressMount.behindParser(app, acme());
    expect(await used(await connect(`${await listening(createServer(app))}/mcp`, TOKEN))).toEqual(HELLO);
  });

  it('is so for Express, which learns who was calling', async () => {
    const callers = new Set<unknown>();
    const app = express().use((request, response, next) => {
      response.once('finish', () => callers.add((request as ExpressRequest).auth?.clientId));
      next();
    });
    expressMount.behindParser(app, acme());
    await used(await connect(`${await listening(createServer(app))}/mcp`, TOKEN));
    expect([...callers]).toEqual(['acme']);
  });

  it.each(['/mcp', '/api/mcp', '/assistant'])('is so for Hono at %s', async (path) => {
    const app = new Hono();
    honoMount.atThreePlaces(app, acme());
    expect(await used(await connect(`${await servingHono(app)}${path}`, TOKEN))).toEqual(HELLO);
  });

  it('is so for Hono, which learns who was calling', async () => {
    const callers = new Set<unknown>();
    const app = new Hono<{ Variables: { auth?: AuthInfo } }>().use(async (c, next) => {
      await next();
      callers.add(c.get('auth')?.clientId);
    });
    app.use(toHonoHandler(acme()));
    const fetchLike = inMemoryFetch({ fetch: (request) => app.fetch(request) });
    await used(await connect(TEST_URL, TOKEN, fetchLike));
    expect([...callers]).toEqual(['acme']);
  });

  it('is so for Hono behind something that reads the body', async () => {
    const app = new Hono();
    const read: unknown[] = [];
    honoMount.behindReader(app, acme(), (message) => read.push(message));
    expect(await used(await connect(`${await servingHono(app)}/mcp`, TOKEN))).toEqual(HELLO);
    expect(read).toContainEqual(expect.objectContaining({ method: 'tools/list' }));
  });
});

async function listeningFastify(app: FastifyInstance): Promise<string> {
  onTestFinished(() => app.close());
  return app.listen({ port: 0, host: '127.0.0.1' });
}

describe('what a README says about changes at run time', () => {
  it('is so for a tessera', async () => {
    const tessera = acme();
    const events: string[] = [];
    for (const name of ['tokenAdded', 'tokenRotated', 'tenantUpdated', 'tenantRemoved'] as const) {
      tessera.on(name, () => events.push(name));
    }
    await coreManage.manage(tessera, { createBetterServer: createAcme, meter: () => undefined });
    expect(events).toEqual(['tokenAdded', 'tokenRotated', 'tenantUpdated', 'tenantRemoved']);
    expect([tessera.hasToken(TOKEN), tessera.ready()]).toEqual([false, false]);
  });

  it('is so for the one-line server', async () => {
    const server = createPerBearerMcpServer({ logger: SILENT }).addToken(TOKEN, createAcme);
    onTestFinished(() => server.stop());
    const { url } = await server.start();
    whileItRuns.manage(server, {
      customer: 'acme',
      token: TOKEN,
      createServerFor: createAcme,
      createBiggerServerFor: createAcme,
      meter: () => undefined,
    });
    const [added = ''] = server.getTokens();
    expect(server.hasToken(TOKEN)).toBe(false);
    expect(await used(await connect(url, added))).toEqual(HELLO);
  });
});

async function servingHono(app: Hono): Promise<string> {
  const served = await serve({ fetch: (request) => app.fetch(request) });
  onTestFinished(() => served.close());
  return served.origin;
}

describe('the fences of the pages', () => {
  it('say what their sources say', async () => {
    const pages = (await readPages()).map((page) => syncPage(page, read));
    expect(pages.flatMap(({ problems, differences }) => [...problems, ...differences])).toEqual([]);
    expect(pages.flatMap(({ shown }) => shown).length).toBeGreaterThan(50);
  });
});

describe('the comparison of fences with their sources', () => {
  const FILE = 'examples/some.ts';
  const SOURCE = [
    "import { here } from 'there';",
    '//#region first',
    'here();',
    '//#endregion',
    'function there() {',
    '  //#region second',
    '  if (here()) {',
    '    // #region inside',
    '    there();',
    '    // #endregion',
    '  }',
    '  //#endregion',
    '}',
  ].join('\n');

  function compare(...lines: string[]): ReturnType<typeof syncPage> {
    return syncPage({ path: 'page.md', text: lines.join('\n') }, (path) =>
      path === FILE ? SOURCE : undefined,
    );
  }

  it('finds nothing in a page that says the same', () => {
    const text = ['# Page', `<!-- snippet: ${FILE}#first -->`, '```ts', 'here();', '```', ''];
    expect(compare(...text)).toEqual({
      text: text.join('\n'),
      differences: [],
      problems: [],
      exceptions: [],
      shown: [`${FILE}#first`],
    });
  });

  it('names page and line of a fence that says something else, and corrects it', () => {
    const above = ['# Page', '', `<!-- snippet: ${FILE}#first+second -->`, ''];
    const { text, differences } = compare(...above, '```ts', 'there();', '```', 'End.');
    expect(differences).toEqual([`page.md:5: the fence is not what ${FILE}#first+second says`]);
    const code = ['here();', '', 'if (here()) {', '  there();', '}'];
    expect(text).toBe([...above, '```ts', ...code, '```', 'End.'].join('\n'));
  });

  it('fills empty fences, and several of one page', () => {
    const fence = [`<!-- snippet: ${FILE}#inside -->`, '```ts', '```', ''];
    const filled = [`<!-- snippet: ${FILE}#inside -->`, '```ts', 'there();', '```', ''];
    expect(compare(...fence, ...fence).text).toBe([...filled, ...filled].join('\n'));
  });

  it.each([
    ['no source', 'Some words.', 'names no source'],
    ['a file that is not there', '<!-- snippet: examples/none.ts#first -->', 'there is no file'],
    ['a region that is not there', `<!-- snippet: ${FILE}#third -->`, 'has no region third'],
    ['a file that is not compiled', '<!-- snippet: packages/some.ts#first -->', 'is not compiled'],
  ])('refuses a fence with %s', (_what, above, expected) => {
    const { problems } = compare('# Page', above, '```ts', 'here();', '```');
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^page\\.md:3: .*${expected}`))]);
  });

  it('refuses an indented fence, and fences of JavaScript without a source', () => {
    const { problems } = compare(
      `<!-- snippet: ${FILE}#first -->`,
      '  ```ts',
      '  here();',
      '  ```',
      '~~~js',
      '~~~',
    );
    expect(problems).toEqual([
      expect.stringContaining('page.md:2: the fence must begin'),
      expect.stringContaining('page.md:5: the fence names no source'),
    ]);
  });

  it('lets a fence say why it has no source, and tells it', () => {
    const { problems, exceptions } = compare(
      '<!-- snippet: none, because it is wrong -->',
      '```ts',
      'x y',
      '```',
    );
    expect(problems).toEqual([]);
    expect(exceptions).toEqual(['page.md:2: no source, because it is wrong']);
  });

  it('leaves other languages alone, and fences that are shown inside fences', () => {
    const { problems, shown } = compare('```json', '{}', '```', '````md', '```ts', 'here();', '```', '````');
    expect([problems, shown]).toEqual([[], []]);
  });

  it.each([
    ['begins twice', '//#region a\n//#endregion\n//#region a\n//#endregion'],
    ['does not end', '//#region a'],
    ['ends without a beginning', '//#endregion'],
  ])('refuses a source with a region that %s', (_what, source) => {
    expect(() => regionsOf(source, FILE)).toThrow(FILE);
  });
});
