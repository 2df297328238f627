import { RootsListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it, vi } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { callTool, headersFor, openSession, post } from './helpers/raw.js';
import { answer, serverV1 } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { collect } from './helpers/watch.js';

const TOKEN = 'transport-errors-4e9a61c8d3';

describe.each(adapters)('the transportError event of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('tells the session whose client reads too slowly', async () => {
    const { server, url } = await stage.start(
      {
        [TOKEN]: () => {
          const mcp = serverV1('talkative');
          mcp.tool('flood', 'Says more than anybody reads', {}, async () => {
            const params = { _meta: { padding: 'x'.repeat(10_000) } };
            for (let count = 0; count < 3_000; count += 1) {
              await mcp.server.notification({ method: 'notifications/tools/list_changed', params });
            }
            return answer('flooded');
          });
          return mcp;
        },
      },
      { limits: { queuedBytes: 2_000 } },
    );
    const errors = collect(server, 'transportError');
    const sessionId = await openSession(url, TOKEN);
    const stream = await fetch(url, {
      headers: { ...headersFor(TOKEN, sessionId), accept: 'text/event-stream' },
    });
    stage.later(() => stream.body?.cancel().catch(() => undefined));
    await (await post(url, TOKEN, callTool('flood'), sessionId)).text();
    await vi.waitFor(() => {
      expect(errors.length).toBeGreaterThan(0);
    });
    expect(errors[0]?.[0]).toBe(sessionId);
    expect(errors[0]?.[1]).toBeInstanceOf(Error);
  });

  it('tells the session whose client answers a request that nobody sent', async () => {
    const { server, url } = await stage.start({ [TOKEN]: () => serverV1('answered') });
    const errors = collect(server, 'transportError');
    const sessionId = await openSession(url, TOKEN);
    const response = await post(url, TOKEN, { jsonrpc: '2.0', id: 4711, result: {} }, sessionId);
    await response.text();
    await vi.waitFor(() => {
      expect(errors).toEqual([[sessionId, expect.any(Error)]]);
    });
  });

  it('tells of a notification handler that throws, and the onerror of the server is still called', async () => {
    const told = vi.fn();
    const { server, url } = await stage.start({
      [TOKEN]: () => {
        const mcp = serverV1('failing handler');
        mcp.server.onerror = told;
        mcp.server.setNotificationHandler(RootsListChangedNotificationSchema, () => {
          throw new Error('The handler failed.');
        });
        return mcp;
      },
    });
    const errors = collect(server, 'transportError');
    const sessionId = await openSession(url, TOKEN);
    const changed = { jsonrpc: '2.0', method: 'notifications/roots/list_changed' };
    await (await post(url, TOKEN, changed, sessionId)).text();
    await vi.waitFor(() => {
      expect(told).toHaveBeenCalledTimes(1);
    });
    expect(errors).toEqual([[sessionId, expect.any(Error)]]);
  });

  it('tells of a result that cannot be written as JSON, and the call does not wait for ever', async () => {
    const { server, url } = await stage.start({
      [TOKEN]: () => {
        const mcp = serverV1('with large numbers');
        mcp.tool('count', 'Counts', {}, () => ({ ...answer('many'), _meta: { count: 10n } }));
        return mcp;
      },
    });
    const errors = collect(server, 'transportError');
    const sessionId = await openSession(url, TOKEN);
    const waiting = fetch(url, {
      method: 'POST',
      headers: headersFor(TOKEN, sessionId),
      body: JSON.stringify(callTool('count')),
      signal: AbortSignal.timeout(3_000),
    });
    const answered = waiting.then(
      (response) => response.text(),
      () => 'no answer',
    );
    await vi.waitFor(() => {
      expect(errors).toEqual([[sessionId, expect.any(Error)]]);
    });
    expect(await answered).toContain('error');
  });
});
