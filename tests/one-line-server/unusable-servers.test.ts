import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import type { PerBearerMcpServer, ServerFactory } from '@tessera-mcp/node';
import { request as httpRequest } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { headersFor, initialize, listTools, openSession, post, readMessage } from './helpers/raw.js';
import { serverV1, serverV2 } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { collect, gate, pause } from './helpers/watch.js';

const BAD = 'unusable-server-0f6db1a873';
const GOOD = 'usable-server-9e41c7502b';

async function expectFailure(server: PerBearerMcpServer, url: string, code: string): Promise<string> {
  const failed = collect(server, 'serverFailed');
  const { activeServers, activeSessions } = server.getStats();
  const response = await post(url, BAD, initialize);
  expect(response.status).toBe(500);
  expect(response.headers.get('mcp-session-id')).toBeNull();
  await response.text();
  expect(failed).toHaveLength(1);
  expect(failed[0]?.[0]).toMatchObject({ token: BAD, error: { code } });
  expect(server.getStats()).toMatchObject({ activeServers, activeSessions });
  const served = await post(url, GOOD, initialize);
  expect(served.status).toBe(200);
  await served.text();
  return failed[0]?.[0].error.message ?? '';
}

describe.each(adapters)('a factory that returns something unusable, on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a promise of undefined', Promise.resolve(undefined)],
    ['a text', 'server'],
    ['an object without connect', { close: () => Promise.resolve() }],
    ['a function that makes a server', () => serverV1('nested')],
  ])('gets invalid_server for %s', async (_what, value) => {
    const { server, url } = await stage.start({
      [BAD]: (() => value) as unknown as ServerFactory,
      [GOOD]: () => serverV1('good'),
    });
    expect(await expectFailure(server, url, 'invalid_server')).toMatch(/return/i);
  });

  it.each([
    { of: 'SDK v1', make: () => serverV1('connected') },
    { of: 'SDK v2', make: () => serverV2('connected') },
  ])('gets server_already_connected for a connected server of $of', async ({ make }) => {
    const { server, url } = await stage.start({
      [BAD]: async () => {
        const mcp = make();
        const [near] = InMemoryTransport.createLinkedPair();
        await mcp.connect(near);
        return mcp;
      },
      [GOOD]: () => serverV1('good'),
    });
    const message = await expectFailure(server, url, 'server_already_connected');
    expect(message).toMatch(/connect/i);
  });

  it.each([
    { of: 'an McpServer of SDK v1', make: () => serverV1('shared') },
    { of: 'a low-level server of SDK v1', make: () => serverV1('shared').server },
    { of: 'an McpServer of SDK v2', make: () => serverV2('shared') },
  ])(
    'gets server_reused for $of that it returned before, and the first session goes on',
    async ({ make }) => {
      const shared = make();
      const { server, url } = await stage.start({ [BAD]: () => shared, [GOOD]: () => serverV1('good') });
      const first = await openSession(url, BAD);
      const message = await expectFailure(server, url, 'server_reused');
      expect(message).toMatch(/new|each|every/i);
      const tools = await readMessage(await post(url, BAD, listTools, first));
      expect(tools.result).toMatchObject({ tools: [{ name: 'greet' }] });
    },
  );

  it('gets server_reused also after the first session has ended', async () => {
    const shared = serverV1('shared');
    const { server, url } = await stage.start({ [BAD]: () => shared, [GOOD]: () => serverV1('good') });
    const { transport } = await stage.connect(url, BAD);
    await transport.terminateSession();
    await vi.waitFor(() => {
      expect(server.getStats().activeSessions).toBe(0);
    });
    await expectFailure(server, url, 'server_reused');
  });

  it('gets server_reused when two tokens are given one instance', async () => {
    const shared = serverV1('shared');
    const { server, url } = await stage.start({
      'first-holder-22ab': () => shared,
      [BAD]: () => shared,
      [GOOD]: () => serverV1('good'),
    });
    await openSession(url, 'first-holder-22ab');
    await expectFailure(server, url, 'server_reused');
  });
});

describe.each(adapters)('a client that leaves while the factory runs, on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('leaves no session and no server behind', async () => {
    const asked = gate();
    const release = gate();
    const made = serverV1('for nobody');
    const closed = vi.spyOn(made.server, 'close');
    const { server, url } = await stage.start({
      [BAD]: async () => {
        asked.open();
        await release.opened;
        return made;
      },
      [GOOD]: () => serverV1('good'),
    });
    const created = collect(server, 'sessionCreated');
    const outgoing = httpRequest(url, { method: 'POST', headers: headersFor(BAD), agent: false });
    outgoing.on('error', () => undefined);
    outgoing.end(JSON.stringify(initialize));
    await asked.opened;
    outgoing.destroy();
    await pause(50);
    release.open();
    await pause(50);
    await vi.waitFor(() => {
      expect(closed).toHaveBeenCalled();
    });
    expect(server.getStats()).toMatchObject({ activeServers: 0, activeSessions: 0, sessions: [] });
    expect(created).toEqual([]);
    expect(await openSession(url, GOOD)).not.toBe('');
  });
});
