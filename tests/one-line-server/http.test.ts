import { describe, expect, it, vi } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { headersFor, initialize, listTools, post, sendRaw, type Refusal } from './helpers/raw.js';
import { serverV1 } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';

const TOKEN = 'http-token-f3b09c6e1a';
const body = JSON.stringify(initialize);

describe.each(adapters)('a request without a good token, to a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it.each([
    ['no Authorization header', undefined],
    ['an unknown token', 'Bearer somebody-else'],
    ['a token with one letter too many', `Bearer ${TOKEN}x`],
    ['a token in capital letters', `Bearer ${TOKEN.toUpperCase()}`],
    ['the beginning of a token', `Bearer ${TOKEN.slice(0, -1)}`],
    ['another scheme', 'Basic dXNlcjpwYXNz'],
  ])('gets exactly a 401 with a challenge for %s', async (_what, authorization) => {
    const factory = vi.fn(() => serverV1('one'));
    const { url, server } = await stage.start({ [TOKEN]: factory });
    for (const method of ['POST', 'GET', 'DELETE']) {
      const response = await fetch(url, {
        method,
        headers: { ...headersFor(undefined), ...(authorization === undefined ? {} : { authorization }) },
        ...(method === 'POST' ? { body } : {}),
      });
      expect(response.status, method).toBe(401);
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
      expect(response.headers.get('content-type')).toMatch(/^application\/json/);
      const refusal = (await response.json()) as Refusal;
      expect(Object.keys(refusal)).toEqual(['error', 'error_description']);
      expect(refusal.error).toBe('invalid_token');
      expect(refusal.error_description.length).toBeGreaterThan(0);
      expect(refusal.error_description).not.toContain(TOKEN);
    }
    expect(factory).not.toHaveBeenCalled();
    expect(server.getStats()).toMatchObject({ activeServers: 0, activeSessions: 0 });
  });

  it.each([undefined, 'Basic dXNlcjpwYXNz'])(
    'gets a challenge with at least one parameter for Authorization %j',
    async (authorization) => {
      const { url } = await stage.start({ [TOKEN]: () => serverV1('one') });
      const headers = { ...headersFor(undefined), ...(authorization === undefined ? {} : { authorization }) };
      const response = await fetch(url, { method: 'POST', headers, body });
      await response.text();
      expect(response.headers.get('www-authenticate')).toMatch(/^Bearer [a-z_]+="[^"]*"/);
    },
  );

  it('is told the error in the challenge too when it sent a token', async () => {
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    const response = await post(url, 'somebody-else', initialize);
    await response.text();
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('is refused before its body is looked at', async () => {
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    const response = await fetch(url, { method: 'POST', headers: headersFor('nobody'), body: '{ no json' });
    expect(response.status).toBe(401);
    await response.text();
  });

  it('is refused with a token in the query, where tokens do not belong', async () => {
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    const response = await post(`${url}?access_token=${TOKEN}&token=${TOKEN}`, undefined, initialize);
    expect([400, 401]).toContain(response.status);
    expect(await response.text()).not.toContain(TOKEN);
  });

  it('is served whatever the case of the scheme is', async () => {
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    const headers = { ...headersFor(undefined), authorization: `bearer ${TOKEN}` };
    const response = await fetch(url, { method: 'POST', headers, body });
    expect(response.status).toBe(200);
    await response.text();
  });
});

describe.each(adapters)('a loopback one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it.each(['attacker.example.test', 'localhost.example.test', '127.0.0.1.example.test:80', '192.168.0.10'])(
    'refuses Host %s with 403 before it looks at the token',
    async (host) => {
      const { url, server } = await stage.start({ [TOKEN]: () => serverV1('one') });
      for (const token of [undefined, TOKEN]) {
        const answer = await sendRaw(url, {
          method: 'POST',
          headers: { ...headersFor(token), host },
          body,
        });
        expect(answer.status).toBe(403);
        expect(answer.headers['www-authenticate']).toBeUndefined();
        expect(answer.headers['mcp-session-id']).toBeUndefined();
      }
      expect(server.getStats().activeSessions).toBe(0);
    },
  );

  it('serves every loopback Host', async () => {
    const { url, info } = await stage.start({ [TOKEN]: () => serverV1('one') });
    for (const name of ['localhost', '127.0.0.1', '[::1]']) {
      for (const host of [name, `${name}:${String(info.port)}`]) {
        const answer = await sendRaw(url, { method: 'POST', headers: { ...headersFor(TOKEN), host }, body });
        expect(answer.status, host).toBe(200);
      }
    }
  });

  it.each(['https://attacker.example.test', 'http://localhost.example.test', 'null', 'http://192.168.0.10'])(
    'refuses Origin %s with 403 before it looks at the token',
    async (origin) => {
      const { url, server } = await stage.start({ [TOKEN]: () => serverV1('one') });
      for (const token of [undefined, TOKEN]) {
        const answer = await sendRaw(url, {
          method: 'POST',
          headers: { ...headersFor(token), origin },
          body,
        });
        expect(answer.status).toBe(403);
        expect(answer.headers['www-authenticate']).toBeUndefined();
        expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      }
      expect(server.getStats().activeSessions).toBe(0);
    },
  );

  it('serves pages of loopback origins', async () => {
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:6274']) {
      const answer = await sendRaw(url, { method: 'POST', headers: { ...headersFor(TOKEN), origin }, body });
      expect(answer.status, origin).toBe(200);
    }
  });

  it('serves the hosts and origins that the options name', async () => {
    const { url } = await stage.start(
      { [TOKEN]: () => serverV1('one') },
      { hosts: ['mcp.example.test'], origins: ['https://page.example.test'] },
    );
    const asked = { host: 'mcp.example.test', origin: 'https://page.example.test' };
    const served = await sendRaw(url, { method: 'POST', headers: { ...headersFor(TOKEN), ...asked }, body });
    expect(served.status).toBe(200);
    const other = { host: 'mcp.example.test', origin: 'https://other.example.test' };
    const refused = await sendRaw(url, { method: 'POST', headers: { ...headersFor(TOKEN), ...other }, body });
    expect(refused.status).toBe(403);
  });

  it('answers 404 at a path it does not have, and to a session nobody has', async () => {
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') });
    const elsewhere = await post(new URL('/elsewhere', url).href, TOKEN, initialize);
    expect(elsewhere.status).toBe(404);
    await elsewhere.text();
    const unknown = await post(url, TOKEN, listTools, 'no-such-session');
    expect(unknown.status).toBe(404);
    await unknown.text();
  });
});
