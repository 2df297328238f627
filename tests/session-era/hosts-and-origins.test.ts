import type { TesseraOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from './helpers/cleanup.js';
import { initializeMessage } from './helpers/messages.js';
import { rawRequest } from './helpers/raw.js';
import { expectOAuthRefusal } from './helpers/refusals.js';
import { headersOf, post } from './helpers/session.js';
import { createWorld, IN_PROCESS, OVER_SOCKET, TOKENS } from './helpers/world.js';

afterEach(closeEverything);

const GOOD = [
  'localhost',
  '127.0.0.1:8080',
  '[::1]:8080',
  'localhost:3000',
  'LocalHost',
  '127.0.0.1',
  '[::1]',
];
const BAD = [
  'evil@localhost',
  'localhost/evil',
  'localhost#x',
  'localhost?x',
  'localhost\\evil',
  '127.1',
  '0x7f000001',
  '2130706433',
  '0177.0.0.1',
  '127.0.0.01',
  'localhost:99999999',
  'localhost:65536',
  'localhost:80:80',
  'localhost:port',
  'localhost:-1',
  'localhost evil',
  'localhost, evil.com',
  'localhost.evil.com',
  'evil.com',
  'evil.com:80',
  'xlocalhost',
  '127.0.0.1.evil.com',
  '[::1',
  '[::1]evil.com',
  '::1',
  '[::2]',
  '%6cocalhost',
  'localhost%00',
];

interface Sent {
  readonly options?: TesseraOptions;
  readonly loopbackBind?: boolean;
  readonly headers: Record<string, string>;
  readonly token?: string | null;
}

async function sendTo({ options = {}, loopbackBind, headers, token = TOKENS.acme }: Sent): Promise<Response> {
  const { tessera } = await createWorld(IN_PROCESS, options);
  const request = new Request('http://localhost/mcp', {
    method: 'POST',
    headers: headersOf({ headers, ...(token === null ? {} : { token }) }),
    body: JSON.stringify(initializeMessage()),
  });
  return tessera.fetch(request, loopbackBind === undefined ? {} : { loopbackBind });
}

describe('The Host of a request', () => {
  it.each(GOOD)('%j is served on a loopback bind.', async (host) => {
    expect((await sendTo({ loopbackBind: true, headers: { host } })).status).toBe(200);
  });

  it.each(BAD)('%j is refused on a loopback bind, before the token is looked at.', async (host) => {
    for (const token of [TOKENS.acme, null]) {
      const response = await sendTo({ loopbackBind: true, headers: { host }, token });
      expect([400, 403]).toContain(response.status);
      await expectOAuthRefusal(response, response.status);
    }
  });

  it.each(BAD)('%j is refused where only localhost is named.', async (host) => {
    const response = await sendTo({
      options: { hosts: ['localhost', '127.0.0.1', '[::1]'] },
      headers: { host },
    });
    expect([400, 403]).toContain(response.status);
  });

  it.each(GOOD)('%j is served where it is named without a port.', async (host) => {
    const options = { hosts: ['localhost', '127.0.0.1', '[::1]'] };
    expect((await sendTo({ options, headers: { host } })).status).toBe(200);
  });

  it.each([
    ['mcp.example.com', 200],
    ['MCP.Example.com', 200],
    ['mcp.example.com:8443', 200],
    ['evil.mcp.example.com', 403],
    ['mcp.example.com.evil.com', 403],
    ['xmcp.example.com', 403],
    ['localhost', 403],
  ])('Where only mcp.example.com is named, %j is answered with %i.', async (host, status) => {
    const response = await sendTo({ options: { hosts: ['mcp.example.com'] }, headers: { host } });
    expect(response.status).toBe(status);
  });

  it.each([
    ['mcp.example.com', 200],
    ['localhost:8080', 200],
    ['evil.com', 403],
  ])('On a loopback bind with mcp.example.com added, %j is answered with %i.', async (host, status) => {
    const options = { hosts: ['mcp.example.com'] };
    expect((await sendTo({ options, loopbackBind: true, headers: { host } })).status).toBe(status);
  });

  it('Any well-formed one is served where none is named.', async () => {
    expect((await sendTo({ headers: { host: 'anything.example:1234' } })).status).toBe(200);
  });

  it.each(BAD)('%j is refused over a socket on a loopback address.', async (host) => {
    const { port } = await createWorld(OVER_SOCKET);
    const answer = await rawRequest(port, [
      'POST /mcp HTTP/1.1',
      `Host: ${host}`,
      'Content-Length: 0',
      'Connection: close',
    ]);
    expect([400, 403]).toContain(answer.status);
  });

  it.each(GOOD)('%j goes on to the token over a socket on a loopback address.', async (host) => {
    const { port } = await createWorld(OVER_SOCKET);
    const answer = await rawRequest(port, [
      'POST /mcp HTTP/1.1',
      `Host: ${host}`,
      'Content-Length: 0',
      'Connection: close',
    ]);
    expect(answer.status).toBe(401);
  });
});

describe('The Origin of a request', () => {
  const ORIGINS = ['https://app.example.com'];
  const FOREIGN = [
    'null',
    'https://evil.com',
    'https://app.example.com.evil.com',
    'https://evil.com/https://app.example.com',
    'https://app.example.com@evil.com',
    'https://evil@app.example.com',
    'http://app.example.com',
    'https://app.example.com:444',
    'https://sub.app.example.com',
    'app.example.com',
    'file://',
    '*',
  ];

  it.each(FOREIGN)(
    '%j is refused where another one is named, before the token is looked at.',
    async (origin) => {
      for (const token of [TOKENS.acme, null]) {
        const response = await sendTo({ options: { origins: ORIGINS }, headers: { origin }, token });
        expect(response.headers.get('access-control-allow-origin')).toBeNull();
        await expectOAuthRefusal(response, 403);
      }
    },
  );

  it.each([...FOREIGN, 'http://localhost', 'http://127.0.0.1:3000', 'https://app.example.com'])(
    '%j is refused where none is named.',
    async (origin) => {
      await expectOAuthRefusal(await sendTo({ headers: { origin } }), 403);
    },
  );

  it('One that is named is served.', async () => {
    const headers = { origin: 'https://app.example.com' };
    expect((await sendTo({ options: { origins: ORIGINS }, headers })).status).toBe(200);
  });

  it.each(['http://localhost', 'http://localhost:3000', 'http://127.0.0.1:8080', 'http://[::1]:8080'])(
    '%j is served on a loopback bind.',
    async (origin) => {
      expect((await sendTo({ loopbackBind: true, headers: { host: 'localhost', origin } })).status).toBe(200);
    },
  );

  it.each([
    ...FOREIGN,
    'http://localhost.evil.com',
    'http://evil@localhost',
    'http://localhost/evil',
    'http://127.1',
  ])('%j is refused on a loopback bind.', async (origin) => {
    const response = await sendTo({ loopbackBind: true, headers: { host: 'localhost', origin } });
    await expectOAuthRefusal(response, 403);
  });

  it.each(['null', 'https://evil.com', 'http://localhost.evil.com'])(
    '%j is refused over a socket.',
    async (origin) => {
      const world = await createWorld(OVER_SOCKET);
      const response = await post(world, initializeMessage(), { token: TOKENS.acme, headers: { origin } });
      await expectOAuthRefusal(response, 403);
    },
  );

  it('A loopback one is served over a socket on a loopback address.', async () => {
    const world = await createWorld(OVER_SOCKET);
    const headers = { origin: 'http://localhost:5173' };
    expect((await post(world, initializeMessage(), { token: TOKENS.acme, headers })).status).toBe(200);
  });
});
