import { createTessera, type Tessera, type TesseraOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { adapters } from '../one-line-server/helpers/adapters.js';
import { recordingLogger } from '../one-line-server/helpers/recording-logger.js';
import { createStage } from '../one-line-server/helpers/stage.js';
import { thrownBy } from '../one-line-server/helpers/watch.js';
import { closeEverything, closeLater } from '../session-era/helpers/cleanup.js';

afterEach(closeEverything);

const WELL_KNOWN = '/.well-known/oauth-protected-resource';
const SERVERS = { authorization_servers: ['https://issuer.example'] };

const PREFLIGHT = {
  origin: 'https://app.example',
  'access-control-request-method': 'GET',
  'access-control-request-headers': 'mcp-protocol-version',
};

function make(options: TesseraOptions): Tessera {
  const tessera = createTessera({ logger: recordingLogger(), ...options });
  closeLater(() => tessera.close());
  return tessera;
}

const withResource = (resource: unknown): TesseraOptions => ({
  metadata: { protectedResource: { resource, ...SERVERS } },
});

const ask = (tessera: Tessera, path: string, init: RequestInit = {}): Promise<Response> =>
  tessera.fetch(new Request(`http://internal.example${path}`, init));

describe('The document of a protected resource', () => {
  it.each([['mcp.example.com'], ['/mcp'], [''], [42], [null], ['ftp://mcp.example/mcp']])(
    'A resource that is %j is refused when the tessera is made.',
    (resource) => {
      expect(thrownBy(() => make(withResource(resource))).code).toBe('invalid_option');
    },
  );

  it.each<[string, TesseraOptions]>([
    [
      'the option resource',
      { resource: 'https://x.example/api/mcp', metadata: { protectedResource: SERVERS } },
    ],
    ['the document itself', withResource('https://x.example/api/mcp')],
  ])('A resource named by %s has its document under its own path.', async (_where, options) => {
    const tessera = make(options);
    for (const path of ['/api/mcp', '', '/mcp']) {
      const response = await ask(tessera, WELL_KNOWN + path);
      expect(response.status, path).toBe(200);
      expect(await response.json()).toEqual({ resource: 'https://x.example/api/mcp', ...SERVERS });
    }
    expect((await ask(tessera, `${WELL_KNOWN}/other`)).status).toBe(404);
  });

  it('The address in the challenge of a 401 is one that is served.', async () => {
    const tessera = make(withResource('https://x.example/api/mcp'));
    const refused = await ask(tessera, '/mcp', { method: 'POST' });
    expect(refused.status).toBe(401);
    const challenge = refused.headers.get('www-authenticate') ?? '';
    const address = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '';
    expect(address).toBe(`https://x.example${WELL_KNOWN}/api/mcp`);
    expect((await ask(tessera, new URL(address).pathname)).status).toBe(200);
  });

  it('A preflight from any page is answered with 204, at each of its paths.', async () => {
    const tessera = make(withResource('https://x.example/api/mcp'));
    for (const path of ['', '/mcp', '/api/mcp']) {
      const response = await ask(tessera, WELL_KNOWN + path, { method: 'OPTIONS', headers: PREFLIGHT });
      expect(response.status, path).toBe(204);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('access-control-allow-methods')).toContain('GET');
    }
    const other = await ask(tessera, `${WELL_KNOWN}/other`, { method: 'OPTIONS', headers: PREFLIGHT });
    expect(other.status).toBe(404);
  });
});

describe.each(adapters)('The document of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('It is served under the path of its resource, and preflights of it are answered with 204.', async () => {
    const resource = 'https://x.example/api/mcp';
    const oauth2 = {
      issuer: 'https://issuer.example',
      authorizationEndpoint: 'https://issuer.example/authorize',
      tokenEndpoint: 'https://issuer.example/token',
    };
    const { url } = await stage.start({}, { resource, oauth2 });
    const address = new URL(`${WELL_KNOWN}/api/mcp`, url);
    const response = await fetch(address);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ resource, ...SERVERS });
    expect((await fetch(address, { method: 'OPTIONS', headers: PREFLIGHT })).status).toBe(204);
  });
});
