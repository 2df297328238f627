import type { TokenRecord } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { gate } from '../one-line-server/helpers/watch.js';
import { closeEverything } from '../session-era/helpers/cleanup.js';
import { initializeMessage } from '../session-era/helpers/messages.js';
import { headersOf } from '../session-era/helpers/session.js';
import { createWorld, IN_PROCESS, newToken, TOKENS, type World } from '../session-era/helpers/world.js';
import { serveHttp2 } from './helpers/http2.js';
import { until } from './helpers/waiting.js';

afterEach(closeEverything);

const MESSAGE = JSON.stringify(initializeMessage());

const CANCEL = 8;

const statuses = (world: World): number[] => world.events('requestHandled').map(({ status }) => status);

describe.each([
  ['whose body had arrived', true],
  ['whose body had arrived in part', false],
])('Requests over HTTP/2 %s when their client leaves', (_how, isComplete) => {
  it.each([
    ['The stream is reset', true],
    ['The connection is lost', false],
  ])('%s while a registry is asked: they are settled with status 499.', async (_what, isReset) => {
    const found = gate();
    const find = async (digest: string): Promise<TokenRecord> => {
      await found.opened;
      return { tokenId: 'row-1', tenantId: 'acme', digest, fingerprint: 'row', scopes: [] };
    };
    const world = await createWorld(IN_PROCESS, { auth: { registries: [{ find }] } });
    const { connect, count } = await serveHttp2(world);
    const client = connect();
    const headers = headersOf({ token: newToken() });
    const stream = client.request({ ':method': 'POST', ':path': '/mcp', ...headers });
    stream.on('error', () => undefined);
    if (isComplete) stream.end(MESSAGE);
    else stream.write(MESSAGE.slice(0, 5));
    await until(() => {
      expect(count.came).toBe(1);
    });
    if (isReset) stream.close(CANCEL);
    else client.destroy();
    await until(() => {
      expect(count).toEqual({ came: 1, settled: 0, over: 1 });
    });
    found.open();
    await until(() => {
      expect(count.settled).toBe(1);
    });
    expect(statuses(world)).toEqual([499]);
    expect(world.events('internalError')).toHaveLength(0);
    expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, callsInFlight: 0 });
  });
});

describe('Uploads over HTTP/2', () => {
  it('One that is reset half-way is settled as a request that failed and is no internal error.', async () => {
    const world = await createWorld(IN_PROCESS);
    const { connect, count } = await serveHttp2(world);
    const headers = headersOf({ token: TOKENS.acme });
    const stream = connect().request({ ':method': 'POST', ':path': '/mcp', ...headers });
    stream.on('error', () => undefined);
    stream.write(MESSAGE.slice(0, 5));
    await until(() => {
      expect(count.came).toBe(1);
    });
    stream.close(CANCEL);
    await until(() => {
      expect(count.settled).toBe(1);
    });
    expect([400, 499]).toContain(statuses(world)[0]);
    expect(world.events('internalError')).toHaveLength(0);
  });
});
