import { TesseraError } from '@tessera-mcp/core';
import type { PerBearerMcpServer, ServerFactory } from '@tessera-mcp/node';
import { describe, expect, it, vi } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { initialize, post } from './helpers/raw.js';
import { answer, namesOf, serverV1, serverV2 } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { collect } from './helpers/watch.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';

const BAD = 'failing-factory-71a0de3b52';
const GOOD = 'working-factory-c4825f60e9';
const SECRET = 'db-password-hunter2';

function expectNothingLeft(server: PerBearerMcpServer): void {
  expect(server.getStats()).toMatchObject({ registeredTokens: 2, activeServers: 0, activeSessions: 0 });
}

/** A factory with a tool whose schema is one of JSON Schema, as SDK v1 does not take it. */
function withJsonSchema(type: string): ServerFactory {
  return () => {
    const mcp = new McpServer({ name: 'wrong-schema', version: '1.0.0' });
    const schema = { a: { type }, b: { type } } as unknown as Parameters<McpServer['tool']>[2];
    const tool = mcp.tool.bind(mcp) as (...args: unknown[]) => unknown;
    tool('sum', 'Adds two numbers', schema, () => answer('3'));
    return mcp.server;
  };
}

describe.each(adapters)('a factory that fails, of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it.each([
    {
      how: 'throws',
      factory: () => {
        throw new Error(SECRET);
      },
    },
    { how: 'rejects', factory: () => Promise.reject(new Error(SECRET)) },
    {
      how: 'throws something that is no error',
      factory: () => {
        throw SECRET as unknown as Error;
      },
    },
  ])('and $how answers 500 without its message, and serverFailed tells it', async ({ factory }) => {
    const { server, url } = await stage.start({ [BAD]: factory, [GOOD]: () => serverV1('good') });
    const failed = collect(server, 'serverFailed');
    const others = [collect(server, 'serverRegistered'), collect(server, 'sessionCreated')];
    const response = await post(url, BAD, initialize);
    expect(response.status).toBe(500);
    expect(response.headers.get('mcp-session-id')).toBeNull();
    const body = await response.text();
    expect(body).not.toContain(SECRET);
    expect(body).not.toContain('.ts');
    expect((JSON.parse(body) as { jsonrpc: string }).jsonrpc).toBe('2.0');
    expect(failed).toHaveLength(1);
    expect(failed[0]?.[0].token).toBe(BAD);
    const error = failed[0]?.[0].error;
    expect(error).toBeInstanceOf(TesseraError);
    expect(error).toMatchObject({ code: 'factory_failed' });
    expect(others).toEqual([[], []]);
    expectNothingLeft(server);
    const { client } = await stage.connect(url, GOOD);
    expect(namesOf(await client.listTools())).toEqual(['greet']);
  });

  it('keeps what was thrown as the cause of the error in serverFailed', async () => {
    const thrown = new Error(SECRET);
    const { server, url } = await stage.start({ [BAD]: () => Promise.reject(thrown) });
    const failed = collect(server, 'serverFailed');
    await (await post(url, BAD, initialize)).text();
    expect(failed[0]?.[0].error.cause).toBe(thrown);
  });

  it('answers a client of SDK v2 with an error without its message', async () => {
    const { server, url } = await stage.start({
      [BAD]: () => Promise.reject(new Error(SECRET)),
      [GOOD]: () => serverV2('good'),
    });
    const failed = collect(server, 'serverFailed');
    const failure: unknown = await stage.connectModern(url, BAD).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(String(failure)).not.toContain(SECRET);
    expect(failed.length).toBeGreaterThan(0);
    expectNothingLeft(server);
  });

  it('is asked again by the next client, and serves when it works', async () => {
    let isBroken = true;
    const { server, url } = await stage.start({
      [BAD]: () => {
        if (isBroken) throw new Error(SECRET);
        return serverV1('recovered');
      },
    });
    const registered = collect(server, 'serverRegistered');
    await (await post(url, BAD, initialize)).text();
    expect(registered).toEqual([]);
    isBroken = false;
    const { client } = await stage.connect(url, BAD);
    expect(client.getServerVersion()?.name).toBe('recovered');
    expect(registered).toHaveLength(1);
  });

  it.each([
    ['number', 'use z.number()'],
    ['string', 'Zod'],
  ])('because of a schema { type: %j } is told what to use instead', async (type, hint) => {
    const { server, url } = await stage.start({
      [BAD]: withJsonSchema(type),
      [GOOD]: () => serverV1('good'),
    });
    const failed = collect(server, 'serverFailed');
    const response = await post(url, BAD, initialize);
    expect(response.status).toBe(500);
    await response.text();
    expect(failed[0]?.[0].error).toMatchObject({ code: 'factory_failed' });
    expect(failed[0]?.[0].error.message).toContain(hint);
    expectNothingLeft(server);
  });

  it('and hangs is answered in time with factory_timeout, and its late server is closed', async () => {
    const late = serverV1('late');
    const closed = vi.spyOn(late.server, 'close');
    let release = (): void => undefined;
    const { server, url } = await stage.start(
      {
        [BAD]: () =>
          new Promise((resolve) => {
            release = () => {
              resolve(late);
            };
          }),
        [GOOD]: () => serverV1('good'),
      },
      { limits: { factoryMs: 100 } },
    );
    const failed = collect(server, 'serverFailed');
    const startedAt = performance.now();
    const response = await post(url, BAD, initialize);
    const body = await response.text();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect(response.status).toBeGreaterThanOrEqual(500);
    expect(body).not.toContain(BAD);
    expect(failed).toHaveLength(1);
    expect(failed[0]?.[0]).toMatchObject({ token: BAD, error: { code: 'factory_timeout' } });
    expect(failed[0]?.[0].error.message).toMatch(/100|factoryMs/);
    expectNothingLeft(server);
    release();
    await vi.waitFor(() => {
      expect(closed).toHaveBeenCalled();
    });
    expectNothingLeft(server);
    const { client } = await stage.connect(url, GOOD);
    expect(client.getServerVersion()?.name).toBe('good');
  });
});
