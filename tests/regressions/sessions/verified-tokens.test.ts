import { generateToken, type AuthInfo } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { gate } from '../../one-line-server/helpers/watch.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { request } from '../../session-era/helpers/messages.js';
import { within } from '../helpers/waiting.js';
import { FakeServer } from './helpers/fake-server.js';
import { makeTessera, turns } from './helpers/play.js';
import { reading } from './helpers/reading.js';
import { listen, open, post } from './helpers/requests.js';

afterEach(closeEverything);

/** What a verifier says of a token that is valid for so many seconds. */
const authInfo = (token: string, seconds: number): AuthInfo => ({
  token,
  clientId: 'client',
  scopes: [],
  expiresAt: Math.floor(Date.now() / 1000) + seconds,
  extra: { sub: 'user', iss: 'issuer' },
});

describe('Tokens that a verifier knows', () => {
  it('The tenant of a provider stays when a request ends that came before it was removed and made again.', async () => {
    const tessera = makeTessera({
      auth: {
        provider: {
          verifyAccessToken: (token) => Promise.resolve(authInfo(token, 3600)),
          createServerForToken: () => new FakeServer(),
        },
      },
    });
    const token = generateToken();
    const body = gate();
    const slow = post(tessera, { token }, request(1, 'ping'), body.opened);
    await turns();
    const [first] = tessera.tenants();
    expect(first).toBeDefined();
    tessera.removeTenant(first?.id ?? '');
    const session = await open(tessera, token);
    body.open();
    await within(1000, slow);
    expect((await post(tessera, { token, session }, request(2, 'ping'))).status).toBe(200);
    expect(tessera.getStats().activeSessions).toBe(1);
  });

  it('A stream ends when the token expires that opened it, although another one is used in the session.', async () => {
    const [early, late] = [generateToken(), generateToken()];
    const infos = new Map([early, late].map((token) => [token, authInfo(token, token === early ? 3 : 3600)]));
    const tessera = makeTessera({
      auth: {
        tenant: 'acme',
        verifier: {
          verifyAccessToken: (token) => Promise.resolve(infos.get(token) ?? authInfo(token, 0)),
        },
      },
      sessions: { keepAliveMs: 40 },
    });
    tessera.addTenant({ id: 'acme', server: () => new FakeServer() });
    const session = await open(tessera, early);
    const stream = reading(await listen(tessera, { token: early, session }));
    await post(tessera, { token: late, session }, request(2, 'ping'));
    await turns();
    expect(stream.done()).toBe(false);
    await vi.waitFor(
      () => {
        expect(stream.done()).toBe(true);
      },
      { timeout: 10_000, interval: 20 },
    );
    expect((await post(tessera, { token: late, session }, request(3, 'ping'))).status).toBe(200);
  });
});
