import { expect } from 'vitest';
import type { App, Bench } from './bench.js';
import { defineSuite, type Check, type Suite } from './check.js';
import { INITIALIZE, McpSession, POST_HEADERS, textResult } from './fixtures/mcp-session.js';
import { RecordingHandler } from './fixtures/recording-handler.js';
import { sampleTessera } from './fixtures/sample-tessera.js';

/** A prefix, the tessera's own endpoint, and where it is found then. */
interface Place {
  readonly prefix: string;
  readonly endpoint: string;
  readonly found: string;
}

const PLACES: readonly Place[] = [
  { prefix: '', endpoint: '/mcp', found: '/mcp' },
  { prefix: '/api', endpoint: '/mcp', found: '/api/mcp' },
  { prefix: '/api/', endpoint: '/mcp', found: '/api/mcp' },
  { prefix: '/api/v1', endpoint: '/mcp', found: '/api/v1/mcp' },
  { prefix: '/mcp', endpoint: '/mcp', found: '/mcp' },
  { prefix: '/api/mcp', endpoint: '/mcp', found: '/api/mcp' },
  { prefix: '/api/mcp/', endpoint: '/mcp', found: '/api/mcp' },
  { prefix: '/api', endpoint: '/assistant/tools', found: '/api/assistant/tools' },
  { prefix: '/assistant/tools', endpoint: '/assistant/tools', found: '/assistant/tools' },
];

/** Paths that look like an endpoint and are none. */
function neighboursOf({ prefix, found }: Place): string[] {
  const base = prefix.replace(/\/$/, '');
  const beside = [
    `${found}x`,
    `${found}/x`,
    `${found}/`,
    found.slice(0, -1),
    `/x${found}`,
    `/${found}`,
    `${found}/mcp`,
  ];
  const besidePrefix = base === '' ? [] : [`${base}x/mcp`, base, `${base}/`, `${base}//mcp`];
  const others = ['/mcp', '/api/mcp', '/api/mcp/mcp', '/api', '/'];
  return [...beside, ...besidePrefix, ...others].filter((path) => path !== found && path.startsWith('/'));
}

/** Paths below `/api` that become others as soon as somebody resolves them. */
const WINDING_PATHS: readonly string[] = [
  '/api/x/../admin/x',
  '/api/x/..\\admin/x',
  '/api/%2e%2e/outside',
  '/api/x/.%2E/%2e./outside',
  '/api/./x',
  '/api/x/..',
];

async function placed(bench: Bench, { prefix, endpoint }: Place): Promise<App> {
  return bench.mount(sampleTessera(bench, { endpoint }), { prefix });
}

const places: readonly Check[] = PLACES.map((place) => ({
  name: `Mounted under ${JSON.stringify(place.prefix)}, a tessera with the endpoint ${place.endpoint} is at ${place.found}.`,
  needs: place.prefix === '' ? [] : ['prefixes'],
  run: async (bench) => {
    const { client, origin } = await placed(bench, place);
    const session = await McpSession.open(client, place.found);
    expect(await session.echo('here')).toEqual(textResult(2, 'here'));
    const refused = await client.send({ method: 'POST', path: place.found });
    expect(refused.status).toBe(401);
    const document = `${origin}/.well-known/oauth-protected-resource${place.found}`;
    expect(refused.header('www-authenticate')).toContain(`resource_metadata="${document}"`);
    const said = [...refused.names().map((name) => refused.header(name)), await refused.text()].join('\n');
    expect(said.replaceAll('://', '')).not.toContain('//');
  },
}));

const neighbours: readonly Check[] = PLACES.map((place) => ({
  name: `Mounted under ${JSON.stringify(place.prefix)}, a tessera with the endpoint ${place.endpoint} is nowhere else.`,
  needs: place.prefix === '' ? [] : ['prefixes'],
  run: async (bench) => {
    const tessera = sampleTessera(bench, { endpoint: place.endpoint });
    const { client } = await bench.mount(tessera, { prefix: place.prefix });
    for (const path of neighboursOf(place)) {
      const reply = await client.send({ method: 'POST', path, headers: POST_HEADERS, body: INITIALIZE });
      expect(reply.status, path).toBe(404);
      await reply.bytes();
    }
    expect(tessera.getStats().activeSessions).toBe(0);
  },
}));

/** Where the metadata documents of a tessera are, relative to its endpoint. */
function documentsOf(found: string): string[] {
  const resource = '/.well-known/oauth-protected-resource';
  return ['/.well-known/oauth-authorization-server', resource, resource + found];
}

const documents: readonly Check[] = PLACES.map((place) => ({
  name: `Mounted under ${JSON.stringify(place.prefix)}, the documents of a tessera name ${place.found}.`,
  needs: place.prefix === '' ? [] : ['prefixes', 'documentsAtRoot'],
  run: async (bench) => {
    const { client, origin } = await placed(bench, place);
    for (const path of documentsOf(place.found)) {
      const reply = await client.send({ path });
      expect(reply.status, path).toBe(200);
      const document = await reply.json();
      expect(JSON.stringify(document).replaceAll('://', '')).not.toContain('//');
      if (path.includes('protected-resource')) {
        expect(document).toMatchObject({ resource: origin + place.found });
      }
    }
  },
}));

const plain: readonly Check[] = [
  {
    name: 'A plain handler answers everything below its prefix, and learns the whole URL and the prefix.',
    needs: ['prefixes'],
    run: async (bench) => {
      for (const prefix of ['/api', '/api/', '/api/v1']) {
        const handler = new RecordingHandler();
        const { client, origin } = await bench.mount(handler, { prefix });
        const base = prefix.replace(/\/$/, '');
        for (const path of [`${base}/`, `${base}/deep/er?q=1`, `${base}/mcp`, `${base}/a%2Fb`]) {
          const reply = await client.send({ path });
          expect([reply.status, await reply.text()], path).toEqual([200, 'ok']);
          expect(handler.last.url).toBe(origin + path);
          expect(handler.contexts.at(-1)?.prefix?.replace(/\/$/, '')).toBe(base);
        }
      }
    },
  },
  {
    name: 'A plain handler is asked for nothing beside its prefix.',
    needs: ['prefixes'],
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { client } = await bench.mount(handler, { prefix: '/api' });
      for (const path of ['/', '/apix', '/apix/mcp', '/ap', '/other/api/mcp', '/mcp', '/%2Fapi/x']) {
        const reply = await client.send({ path });
        expect(reply.status, path).toBe(404);
        await reply.bytes();
      }
      expect(handler.requests).toEqual([]);
    },
  },
  {
    name: 'A plain handler is asked for no path that leads elsewhere than it is written.',
    needs: ['prefixes', 'writtenPaths'],
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { client } = await bench.mount(handler, { prefix: '/api' });
      for (const path of WINDING_PATHS) {
        const reply = await client.send({ path });
        expect(reply.status, path).toBe(404);
        await reply.bytes();
      }
      expect(handler.requests.map(({ url }) => url)).toEqual([]);
      // Dots that are part of a name lead nowhere else.
      for (const path of ['/api/.well-known/x', '/api/x/...', '/api/a..b', '/api/x?y=/../z']) {
        expect(await (await client.send({ path })).text(), path).toBe('ok');
      }
    },
  },
  {
    name: 'A plain handler at the root is told of no prefix.',
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { client } = await bench.mount(handler);
      await (await client.send({ path: '/anywhere' })).text();
      expect(handler.contexts[0]?.prefix ?? '').toBe('');
    },
  },
];

export const prefixes: Suite = defineSuite('Prefixes', [...places, ...neighbours, ...documents, ...plain]);
