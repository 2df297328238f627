import {
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
} from '@modelcontextprotocol/sdk/client/auth.js';
import type { OAuthEndpoints } from '@tessera-mcp/node';
import { describe, expect, it } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { freePort } from './helpers/ports.js';
import { initialize, post, sendRaw } from './helpers/raw.js';
import { serverV1 } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { thrownBy } from './helpers/watch.js';

const TOKEN = 'oauth-documents-25c8e0b94d';
const SERVER_DOCUMENT = '/.well-known/oauth-authorization-server';
const RESOURCE_DOCUMENT = '/.well-known/oauth-protected-resource';

const oauth2 = {
  issuer: 'https://login.example.test',
  authorizationEndpoint: 'https://login.example.test/authorize',
  tokenEndpoint: 'https://login.example.test/token',
  registrationEndpoint: 'https://login.example.test/register',
};

type Json = Readonly<Record<string, unknown>>;

async function documentAt(base: string, path: string): Promise<Json> {
  const response = await fetch(new URL(path, base));
  expect(response.status, path).toBe(200);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  return (await response.json()) as Json;
}

describe.each(adapters)('the OAuth documents of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('describe the authorization server without asking for a token', async () => {
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') }, { oauth2 });
    expect(await documentAt(url, SERVER_DOCUMENT)).toMatchObject({
      issuer: oauth2.issuer,
      authorization_endpoint: oauth2.authorizationEndpoint,
      token_endpoint: oauth2.tokenEndpoint,
      registration_endpoint: oauth2.registrationEndpoint,
    });
  });

  it('leave the registration endpoint out when there is none', async () => {
    const { issuer, authorizationEndpoint, tokenEndpoint } = oauth2;
    const { url } = await stage.start({}, { oauth2: { issuer, authorizationEndpoint, tokenEndpoint } });
    expect(await documentAt(url, SERVER_DOCUMENT)).not.toHaveProperty('registration_endpoint');
  });

  it.each([
    { endpoint: '/mcp', inserted: `${RESOURCE_DOCUMENT}/mcp` },
    { endpoint: '/api/tools', inserted: `${RESOURCE_DOCUMENT}/api/tools` },
  ])('describe the resource at $endpoint, also at $inserted', async ({ endpoint, inserted }) => {
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') }, { oauth2, endpoint });
    for (const path of [RESOURCE_DOCUMENT, inserted]) {
      expect(await documentAt(url, path)).toMatchObject({
        resource: url,
        authorization_servers: [oauth2.issuer],
      });
    }
  });

  it('take the resource from the Host of the request', async () => {
    const { url, info } = await stage.start({}, { oauth2 });
    const host = `localhost:${String(info.port)}`;
    const answer = await sendRaw(new URL(`${RESOURCE_DOCUMENT}/mcp`, url).href, { headers: { host } });
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ resource: `http://${host}/mcp` });
  });

  it('take the resource from the options when it is there', async () => {
    const resource = 'https://tools.example.test/mcp';
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') }, { oauth2, resource });
    expect((await documentAt(url, `${RESOURCE_DOCUMENT}/mcp`))['resource']).toBe(resource);
    const challenge = (await post(url, undefined, initialize)).headers.get('www-authenticate');
    expect(challenge).toContain('resource_metadata="https://tools.example.test/.well-known/');
  });

  it('are named in the challenge of a 401, and found there', async () => {
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') }, { oauth2 });
    for (const token of [undefined, 'somebody-else']) {
      const response = await post(url, token, initialize);
      expect(response.status).toBe(401);
      await response.text();
      const challenge = response.headers.get('www-authenticate') ?? '';
      expect(challenge).toMatch(/^Bearer /);
      const address = /resource_metadata="([^"]+)"/.exec(challenge)?.[1] ?? '';
      expect(await documentAt(url, address)).toMatchObject({ resource: url });
    }
  });

  it('are found by the discovery of a real client', async () => {
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') }, { oauth2 });
    const found = await discoverOAuthProtectedResourceMetadata(url);
    expect(found).toMatchObject({ resource: url, authorization_servers: [oauth2.issuer] });
    const port = await freePort();
    const issuer = `http://127.0.0.1:${String(port)}`;
    await stage.start({}, { port, oauth2: { ...oauth2, issuer } });
    const metadata = await discoverAuthorizationServerMetadata(issuer);
    expect(metadata).toMatchObject({ issuer, token_endpoint: oauth2.tokenEndpoint });
  });

  it('do not exist without oauth2, and challenges do not name them', async () => {
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    for (const path of [SERVER_DOCUMENT, RESOURCE_DOCUMENT, `${RESOURCE_DOCUMENT}/mcp`]) {
      const response = await fetch(new URL(path, url));
      expect(response.status, path).toBe(404);
      await response.text();
    }
    const challenge = (await post(url, undefined, initialize)).headers.get('www-authenticate');
    expect(challenge).not.toContain('resource_metadata');
  });

  it('do not change how tokens are served', async () => {
    const { url } = await stage.start({ [TOKEN]: () => serverV1('with documents') }, { oauth2 });
    const { client } = await stage.connect(url, TOKEN);
    expect(client.getServerVersion()?.name).toBe('with documents');
    const modern = await stage.connectModern(url, TOKEN);
    expect(modern.getServerVersion()?.name).toBe('with documents');
  });

  it.each(['issuer', 'authorizationEndpoint', 'tokenEndpoint', 'registrationEndpoint'] as const)(
    'are refused with the name of %s when it is undefined',
    (name) => {
      const incomplete: OAuthEndpoints = { ...oauth2, [name]: undefined };
      const error = thrownBy(() => stage.make({ oauth2: incomplete }));
      expect(error.code).toBe('invalid_option');
      expect(error.message).toContain(name);
      for (const other of Object.keys(oauth2).filter((key) => key !== name)) {
        expect(error.message).not.toContain(other);
      }
    },
  );

  it('are refused with all the names that are undefined', () => {
    const nothing: OAuthEndpoints = {
      issuer: undefined,
      authorizationEndpoint: undefined,
      tokenEndpoint: undefined,
      registrationEndpoint: undefined,
    };
    const error = thrownBy(() => stage.make({ oauth2: nothing }));
    expect(error.code).toBe('invalid_option');
    for (const name of Object.keys(oauth2)) expect(error.message).toContain(name);
  });

  it('are refused when an address is no address', () => {
    const error = thrownBy(() => stage.make({ oauth2: { ...oauth2, tokenEndpoint: 'not an address' } }));
    expect(error.code).toBe('invalid_option');
    expect(error.message).toContain('tokenEndpoint');
  });
});
