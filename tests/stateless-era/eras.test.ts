import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createTessera, type TesseraOptions, type TenantOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything, closeLater } from '../session-era/helpers/cleanup.js';
import { request, type Message } from '../session-era/helpers/messages.js';
import { bare, initialize, openSession, post } from '../session-era/helpers/session.js';
import { TOKENS, type World } from '../session-era/helpers/world.js';
import { StatelessCaller } from './helpers/caller.js';
import { CELLS, CELLS_OVER_SOCKETS, createCell } from './helpers/cells.js';
import { META, REVISION } from './helpers/envelope.js';

afterEach(closeEverything);

const SESSION_REVISION = '2025-11-25';
const INFO = { name: 'a client', version: '1.0.0' };

interface Refused {
  readonly supported: readonly string[];
  readonly requested: string | undefined;
}

/** Expects the refusal that clients fall back from. */
async function expectEraRefused(response: Response, id?: number | string): Promise<Refused> {
  const text = await response.text();
  expect([response.status, text]).toEqual([400, expect.stringContaining('-32022') as unknown]);
  const message = JSON.parse(text) as Message;
  expect(message.error?.code).toBe(-32022);
  if (id !== undefined) expect(message.id).toBe(id);
  const { supported = [], requested } = message.error?.data ?? {};
  return { supported, requested };
}

const connectV2 = async (
  world: World,
  token: string,
  mode: 'auto' | 'legacy' | { pin: string },
): Promise<ClientV2> => {
  const client = new ClientV2(INFO, { versionNegotiation: { mode } });
  closeLater(() => client.close());
  const url = new URL(`http://127.0.0.1:${String(world.port)}/mcp`);
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new TransportV2(url, { requestInit }));
  return client;
};

const connectV1 = async (world: World, token: string): Promise<ClientV1> => {
  const client = new ClientV1(INFO);
  closeLater(() => client.close());
  const url = new URL(`http://127.0.0.1:${String(world.port)}/mcp`);
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new TransportV1(url, { requestInit }));
  return client;
};

const said = async (client: ClientV1 | ClientV2): Promise<unknown> => {
  const params = { name: 'whoami', arguments: { text: '' } };
  const { content } =
    client instanceof ClientV1 ? await client.callTool(params) : await client.callTool(params);
  return content;
};

const ACME_SAYS = [{ type: 'text', text: 'acme' }];
const GLOBEX_SAYS = [{ type: 'text', text: 'globex' }];

describe.each(CELLS)('Eras that are switched off ($name)', (cell) => {
  it('Without the stateless era its requests are refused with the revisions that are served.', async () => {
    const world = await createCell(cell, { eras: ['session'] });
    const caller = new StatelessCaller(world, TOKENS.acme);
    for (const method of ['server/discover', 'tools/list', 'tools/call', 'subscriptions/listen']) {
      const refused = await expectEraRefused(await caller.ask('mine', method, { name: 'echo' }), 'mine');
      expect(refused.requested).toBe(REVISION);
      expect(refused.supported).toContain(SESSION_REVISION);
      expect(refused.supported).not.toContain(REVISION);
    }
    expect(world.acme.instances).toEqual([]);
    const session = await openSession(world, TOKENS.acme);
    expect((await session.call(1, 'echo', 'x')).status).toBe(200);
  });

  it('Without the session era its requests are refused with the revision that is served.', async () => {
    const world = await createCell(cell, { eras: ['stateless'] });
    for (const refused of [
      await expectEraRefused(await initialize(world, TOKENS.acme, { id: 7 }), 7),
      await expectEraRefused(await post(world, request(8, 'tools/list'), { token: TOKENS.acme }), 8),
      await expectEraRefused(
        await post(world, request(9, 'tools/list'), { token: TOKENS.acme, version: SESSION_REVISION }),
        9,
      ),
    ]) {
      expect(refused.supported).toEqual([REVISION]);
    }
    const { requested } = await expectEraRefused(await initialize(world, TOKENS.acme));
    expect(requested).toBe(SESSION_REVISION);
    for (const method of ['GET', 'DELETE']) {
      const options = { token: TOKENS.acme, session: 'whatever' };
      expect([400, 405]).toContain((await bare(world, method, options)).status);
    }
    expect(world.acme.instances).toEqual([]);
    expect(world.tessera.getStats().activeSessions).toBe(0);
    expect(await new StatelessCaller(world, TOKENS.acme).textOf(1, 'whoami')).toBe('acme');
  });

  it('Of one tenant leave those of another as they are.', async () => {
    const world = await createCell(cell, {}, { eras: ['session'] });
    await expectEraRefused(await new StatelessCaller(world, TOKENS.acme).ask(1, 'server/discover'), 1);
    expect(await new StatelessCaller(world, TOKENS.globex).textOf(1, 'whoami')).toBe('globex');
    await openSession(world, TOKENS.acme);
    await openSession(world, TOKENS.globex);
  });

  it('Of a tenant count more than those of the tessera.', async () => {
    const world = await createCell(cell, { eras: ['session'] }, { eras: ['stateless'] });
    expect(await new StatelessCaller(world, TOKENS.acme).textOf(1, 'whoami')).toBe('acme');
    await expectEraRefused(await initialize(world, TOKENS.acme));
    await expectEraRefused(await new StatelessCaller(world, TOKENS.globex).ask(1, 'server/discover'), 1);
    await openSession(world, TOKENS.globex);
  });

  it('Are refused only to those who may know: without a token it is 401.', async () => {
    const world = await createCell(cell, { eras: ['session'] });
    const nobody = new StatelessCaller(world, 'unknown-token-of-some-length');
    expect((await nobody.ask(1, 'server/discover')).status).toBe(401);
  });

  it('A revision that nobody has is refused with those that are served.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    const { supported, requested } = await expectEraRefused(
      await caller.ask(
        3,
        'tools/list',
        {},
        { headers: { 'mcp-protocol-version': '2027-01-01' }, meta: { [META.version]: '2027-01-01' } },
      ),
      3,
    );
    expect(supported).toContain(REVISION);
    expect(requested).toBe('2027-01-01');
  });

  it('Factories hear which era they make a server for.', async () => {
    const eras: string[] = [];
    const world: World = await createCell(
      cell,
      {},
      {
        server: ({ era }) => {
          eras.push(era);
          return cell.sdk.make(world.acme);
        },
      },
    );
    await openSession(world, TOKENS.acme);
    expect(eras).toEqual(['session']);
    await new StatelessCaller(world, TOKENS.acme).textOf(1, 'whoami');
    expect(new Set(eras.slice(1))).toEqual(new Set(['stateless']));
  });

  it('Sessions and requests of the stateless era of one user go on side by side.', async () => {
    const world = await createCell(cell);
    const session = await openSession(world, TOKENS.acme);
    const caller = new StatelessCaller(world, TOKENS.acme);
    const inSession = session.call(1, 'hold', 'session');
    const described = caller.call(1, 'hold', 'described');
    const held = [await world.acme.untilHeld('session'), await world.acme.untilHeld('described')];
    expect(world.tessera.getStats().callsInFlight).toBe(2);
    for (const call of held) call.release();
    expect(await (await inSession).text()).toContain('"session"');
    expect(await (await described).text()).toContain('"described"');
    const eras = world.events('requestHandled').map(({ era }) => era);
    expect(new Set(eras)).toEqual(new Set(['session', 'stateless']));
  });
});

describe.each(CELLS_OVER_SOCKETS)('Real clients where an era is switched off ($name)', (cell) => {
  it('One that probes falls back to a session.', async () => {
    const world = await createCell(cell, {}, { eras: ['session'] });
    const client = await connectV2(world, TOKENS.acme, 'auto');
    expect(client.getNegotiatedProtocolVersion()).toBe(SESSION_REVISION);
    expect(await said(client)).toEqual(ACME_SAYS);
    expect(world.tessera.getStats().activeSessions).toBe(1);
    const elsewhere = await connectV2(world, TOKENS.globex, 'auto');
    expect(elsewhere.getNegotiatedProtocolVersion()).toBe(REVISION);
    expect(await said(elsewhere)).toEqual(GLOBEX_SAYS);
    expect(world.tessera.getStats().activeSessions).toBe(1);
  });

  it('One that is pinned to the stateless era is refused, and makes no session.', async () => {
    const world = await createCell(cell, { eras: ['session'] });
    await expect(connectV2(world, TOKENS.acme, { pin: REVISION })).rejects.toThrow();
    expect(world.tessera.getStats().activeSessions).toBe(0);
    expect(await said(await connectV2(world, TOKENS.acme, 'legacy'))).toEqual(ACME_SAYS);
    expect(await said(await connectV1(world, TOKENS.acme))).toEqual(ACME_SAYS);
  });

  it('One that knows only sessions is refused where there are none; one that probes is served.', async () => {
    const world = await createCell(cell, { eras: ['stateless'] });
    await expect(connectV1(world, TOKENS.acme)).rejects.toThrow();
    await expect(connectV2(world, TOKENS.acme, 'legacy')).rejects.toThrow();
    const client = await connectV2(world, TOKENS.acme, 'auto');
    expect(client.getNegotiatedProtocolVersion()).toBe(REVISION);
    expect(await said(client)).toEqual(ACME_SAYS);
  });

  it('One that probes without a token fails, and does not fall back.', async () => {
    const world = await createCell(cell);
    await expect(connectV2(world, 'unknown-token-of-some-length', 'auto')).rejects.toThrow(/401|nauthorized/);
    expect(world.tessera.getStats().activeSessions).toBe(0);
  });
});

describe('The option eras', () => {
  it.each([[[]], [['modern']], ['session'], [null], [['session', 'other']]])('%j is refused.', (eras) => {
    const options = { eras } as unknown as TesseraOptions;
    expect(() => createTessera(options)).toThrow(expect.objectContaining({ code: 'invalid_option' }));
    const tessera = createTessera();
    closeLater(() => tessera.close());
    const server = (): never => expect.unreachable();
    const tenant = { id: 'acme', server, eras } as unknown as TenantOptions;
    expect(() => {
      tessera.addTenant(tenant);
    }).toThrow(expect.objectContaining({ code: 'invalid_option' }));
  });
});
