import { describe, expect, it } from 'vitest';
import { createTessera } from '../../src/index.js';
import { answerOf } from '../../src/shared/answer-of.js';
import { endpointBelow, endpointOf, joinPaths, placeOfRoute } from '../../src/shared/mount.js';

describe('The endpoint below a prefix', () => {
  it.each([
    ['', '/mcp', '/mcp'],
    ['/', '/mcp', '/mcp'],
    ['/api', '/mcp', '/api/mcp'],
    ['/api/', '/mcp', '/api/mcp'],
    ['api//v1/', '/mcp', '/api/v1/mcp'],
    ['/mcp', '/mcp', '/mcp'],
    ['/api/mcp/', '/mcp', '/api/mcp'],
    ['/apimcp', '/mcp', '/apimcp/mcp'],
    ['/api', '/', '/api'],
    ['', '/', '/'],
  ])('%j with the endpoint %s is at %s', (prefix, endpoint, path) => {
    expect(endpointBelow(prefix, endpoint)).toBe(path);
  });

  it('is what a route says exactly, before what the prefix says', () => {
    expect(endpointOf({ endpoint: '/here', prefix: '/api' }, '/mcp')).toBe('/here');
    expect(endpointOf({ prefix: '/api' }, '/mcp')).toBe('/api/mcp');
    expect(endpointOf({}, '/mcp')).toBe('/mcp');
  });
});

describe('The place of a route', () => {
  it.each([
    ['/*', '/x/y', { prefix: '' }],
    ['*', '/x/y', { prefix: '' }],
    ['/api/*', '/api/mcp', { prefix: '/api' }],
    ['/of/:id/*', '/of/7/mcp', { prefix: '/of/7' }],
    ['/assistant', '/assistant', { endpoint: '/assistant' }],
    ['/of/:id/mcp', '/of/7/mcp', { endpoint: '/of/7/mcp' }],
  ])('%s, asked for %s', (pattern, path, place) => {
    expect(placeOfRoute(pattern, path)).toEqual(place);
  });

  it('has single slashes however its parts were written', () => {
    expect(joinPaths('/api/', '/mcp')).toBe('/api/mcp');
    expect(joinPaths('', '//')).toBe('/');
  });
});

describe('A tessera', () => {
  const document = { authorization_servers: ['https://issuer.example'] };

  it('serves its endpoint and its documents, and nothing else', () => {
    const tessera = createTessera({
      metadata: { protectedResource: document, authorizationServer: document },
    });
    const served = (place: object): string[] =>
      [
        '/mcp',
        '/api/mcp',
        '/mcp/',
        '/',
        '/.well-known/oauth-authorization-server',
        '/.well-known/oauth-protected-resource',
        '/.well-known/oauth-protected-resource/mcp',
        '/.well-known/oauth-protected-resource/api/mcp',
        '/.well-known/openid-configuration',
      ].filter((path) => tessera.serves(path, place));
    const always = ['/.well-known/oauth-authorization-server', '/.well-known/oauth-protected-resource'];
    expect(served({})).toEqual(['/mcp', ...always, '/.well-known/oauth-protected-resource/mcp']);
    expect(served({ prefix: '/api' })).toEqual([
      '/api/mcp',
      ...always,
      '/.well-known/oauth-protected-resource/api/mcp',
    ]);
    expect(served({ endpoint: '/' })).toEqual(['/', ...always]);
  });

  it('behind a proxy serves its document also where its public address has it', async () => {
    const resource = 'https://mcp.example.com/public/mcp';
    const path = '/.well-known/oauth-protected-resource/public/mcp';
    const tessera = createTessera({ resource, metadata: { protectedResource: document } });
    expect(tessera.serves(path)).toBe(true);
    expect(tessera.paths()).toContain(path);
    expect((await tessera.fetch(new Request(`http://localhost${path}`))).status).toBe(200);
    expect(createTessera({ resource }).serves(path)).toBe(false);
  });

  it('answers at every path it names, and at no other', async () => {
    const tessera = createTessera({
      metadata: { protectedResource: document, authorizationServer: document },
    });
    for (const path of tessera.paths().slice(1)) {
      expect((await tessera.fetch(new Request(`http://localhost${path}`))).status, path).toBe(200);
    }
  });

  it('without documents serves its endpoint only', () => {
    expect(createTessera().serves('/.well-known/oauth-protected-resource')).toBe(false);
    expect(createTessera({ endpoint: '/tools' }).endpoint).toBe('/tools');
  });
});

/** A response whose body somebody has begun to read. */
function reading(response: Response): Response {
  response.body?.getReader();
  return response;
}

describe('What something mounted answers', () => {
  const request = new Request('http://localhost/');

  it('has cookies that stay apart', async () => {
    const headers = new Headers([
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
      ['x', '3'],
    ]);
    const answer = await answerOf({ fetch: () => new Response('hi', { headers }) }, request, {});
    expect(answer.headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], x: '3' });
  });

  it('says nothing of the connection it goes over', async () => {
    const headers = { connection: 'close', 'transfer-encoding': 'gzip', upgrade: 'h3', 'x-own': '1' };
    const answer = await answerOf({ fetch: () => new Response('hi', { headers }) }, request, {});
    expect(Object.keys(answer.headers).sort()).toEqual(['content-type', 'x-own']);
  });

  it.each([
    [
      'throws a text',
      () => {
        throw 'no luck' as unknown as Error;
      },
      'no luck',
    ],
    ['rejects with nothing', () => Promise.reject(undefined as unknown as Error), ''],
    ['returns nothing', () => undefined as unknown as Response, 'undefined'],
    ['returns Response.error()', () => Response.error(), 'cannot be sent'],
    ['returns what it is reading itself', () => reading(new Response('hi')), 'cannot be sent'],
  ])('is an Error when it %s', async (_how, fetch, message) => {
    const failure: unknown = await answerOf({ fetch }, request, {}).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect((failure as Error).message).toContain(message);
  });

  it('to HEAD has no body, and the one that was made is ended', async () => {
    let ended = false;
    const stream = new ReadableStream({
      cancel: () => {
        ended = true;
      },
    });
    const head = new Request('http://localhost/', { method: 'HEAD' });
    const answer = await answerOf({ fetch: () => new Response(stream) }, head, {});
    expect([answer.body, ended]).toEqual([null, true]);
  });
});
