import { beforeEach, describe, expect, it } from 'vitest';
import {
  createTessera,
  type Tessera,
  type TokenRecord,
  type TokenRegistryListener,
} from '../../src/index.js';
import { settle } from '../helpers/fake-platform.js';
import { INITIALIZE, openSession, plainServer, post, slowPost } from '../helpers/requests.js';

const TOKEN = 'mcpt_a-token-that-is-long-enough-for-everybody';

let tessera: Tessera;
let made: number;
/** What the server factory waits for. */
let gate: Promise<void>;

beforeEach(() => {
  made = 0;
  gate = Promise.resolve();
  tessera = createTessera();
  tessera.addTenant({
    id: 'a',
    tokens: [TOKEN],
    server: async () => {
      made += 1;
      await gate;
      return plainServer();
    },
  });
});

/** Begins to open a session, and gives the function that lets its server be made. */
async function beginOpening(): Promise<{ answered: Promise<Response>; release: () => void }> {
  let release: () => void = () => undefined;
  gate = new Promise((resolve) => {
    release = resolve;
  });
  const answered = tessera.fetch(post(TOKEN, INITIALIZE));
  await expect.poll(() => made).toBe(1);
  return { answered, release };
}

describe('access that is lost on the way', () => {
  it('turns a caller away whose token was removed while the body came in', async () => {
    const { request, finish } = slowPost(TOKEN, INITIALIZE);
    const answered = tessera.fetch(request);
    await settle();
    tessera.removeToken(TOKEN);
    finish();
    expect((await answered).status).toBe(401);
    expect(made).toBe(0);
    expect(tessera.getActiveSessions()).toEqual([]);
  });

  it('turns a caller away whose tenant was removed while the body came in', async () => {
    const { request, finish } = slowPost(TOKEN, INITIALIZE);
    const answered = tessera.fetch(request);
    await settle();
    tessera.removeTenant('a');
    finish();
    expect((await answered).status).toBe(401);
    expect(made).toBe(0);
  });

  it('turns a caller away whose tenant was disabled while the body came in', async () => {
    const { request, finish } = slowPost(TOKEN, INITIALIZE);
    const answered = tessera.fetch(request);
    await settle();
    await tessera.updateTenant('a', { enabled: false });
    finish();
    expect((await answered).status).toBe(403);
  });

  it('does not disturb others whose body comes in meanwhile', async () => {
    tessera.addToken('a', `${TOKEN}2`);
    const { request, finish } = slowPost(TOKEN, INITIALIZE);
    const answered = tessera.fetch(request);
    await settle();
    tessera.removeToken(`${TOKEN}2`);
    finish();
    expect((await answered).status).toBe(200);
    expect(made).toBe(1);
  });

  it('keeps no session that was being opened when its token was removed', async () => {
    const { answered, release } = await beginOpening();
    tessera.removeToken(TOKEN);
    release();
    const response = await answered;
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('invalid_token');
    expect(tessera.getStats()).toMatchObject({ activeSessions: 0, callsInFlight: 0 });
  });

  it('says "later" to a client whose session was being opened when the tessera stopped', async () => {
    const { answered, release } = await beginOpening();
    await tessera.drain({ graceMs: 0 });
    release();
    const response = await answered;
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  });

  it('asks a registry again when something was revoked while it was being asked', async () => {
    let listener: TokenRegistryListener | undefined;
    let asked = 0;
    const none: TokenRecord | undefined = undefined;
    const registered = createTessera({
      auth: {
        registries: [
          {
            find: async (digest) => {
              asked += 1;
              if (asked === 1) {
                const mine = {
                  tokenId: 't1',
                  tenantId: 'a',
                  digest,
                  fingerprint: 'f'.repeat(12),
                  scopes: [],
                };
                listener?.revoked('t1');
                await settle();
                return mine;
              }
              return none;
            },
            attach: (given) => {
              listener = given;
              return () => undefined;
            },
          },
        ],
      },
    });
    registered.addTenant({ id: 'a', server: () => plainServer() });
    const response = await registered.fetch(post(TOKEN, INITIALIZE));
    expect(response.status).toBe(401);
    expect(asked).toBe(2);
  });
});

describe('a disabled tenant', () => {
  it('keeps its sessions for when it is enabled again, and loses its streams at once', async () => {
    const session = await openSession(tessera, TOKEN);
    const get = new Request('http://tessera.test/mcp', {
      headers: { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream', 'mcp-session-id': session },
    });
    const stream = await tessera.fetch(get);
    await tessera.updateTenant('a', { enabled: false });
    expect(await stream.text()).not.toContain('event: message');
    const refused = await tessera.fetch(post(TOKEN, { id: 2, method: 'ping' }, session));
    expect(refused.status).toBe(403);
    await tessera.updateTenant('a', { enabled: true });
    const answered = await tessera.fetch(post(TOKEN, { id: 2, method: 'ping' }, session));
    expect(await answered.json()).toEqual({ jsonrpc: '2.0', id: 2, result: {} });
  });
});
