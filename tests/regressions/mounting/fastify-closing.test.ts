import { once } from 'node:events';

import { FastifyMcpServer, type FastifyMcpServerOptions } from '@tessera-mcp/fastify';
import { afterEach, describe, expect, it } from 'vitest';

import { serverV1 } from '../../one-line-server/helpers/servers.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { openConnection } from '../helpers/connections.js';
import { within } from '../helpers/waiting.js';
import { EventSource } from './helpers/event-source.js';
import { fastifyApp, initializeInit, listenFastify, tesseraWith, TOKEN } from './helpers/mounts.js';

afterEach(closeEverything);

const AUTHORIZATION = { authorization: `Bearer ${TOKEN}` };

/** Opens the event stream of a session. */
async function openStream(url: string): Promise<Response> {
  const opened = await fetch(url, initializeInit());
  await opened.text();
  const session = opened.headers.get('mcp-session-id') ?? '';
  const headers = { ...AUTHORIZATION, accept: 'text/event-stream', 'mcp-session-id': session };
  return fetch(url, { headers });
}

const MCP: Readonly<Record<string, () => FastifyMcpServerOptions>> = {
  'a tessera of its own': () => ({ server: () => serverV1('own') }),
  'a tessera of the program': () => ({ tessera: tesseraWith() }),
};

describe('A Fastify app without any hook that closes while an event stream is open', () => {
  it.each(Object.keys(MCP))('Ends the stream of %s cleanly.', async (whose) => {
    const app = fastifyApp();
    await app.register(FastifyMcpServer, MCP[whose]?.() ?? {});
    const stream = await openStream(`http://127.0.0.1:${String(await listenFastify(app))}/mcp`);
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const rest = stream.text();
    await within(5000, app.close());
    // It would reject for a connection that was cut off.
    await expect(within(1000, rest)).resolves.toEqual(expect.any(String));
  });

  it.each([
    ['/slow', '/other'],
    ['/other', '/slow'],
  ])(
    'Does not wait for a connection without any request that was made meanwhile (%s, %s).',
    async (...prefixes) => {
      const app = fastifyApp();
      const mount = { fetch: () => new Response(new ReadableStream<Uint8Array>()) };
      for (const prefix of prefixes) await app.register(FastifyMcpServer, { mount, prefix });
      const port = await listenFastify(app);
      const left = openConnection(port);
      left.write('GET /slow/x HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
      await once(left, 'data');
      // One registration is done with closing at once; the other gives its answer a moment to end.
      const closed = app.close();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const idle = openConnection(port);
      await once(idle, 'connect');
      await within(5000, closed);
    },
  );

  it('Ends the stream of a plain handler cleanly, with everything that was sent.', async () => {
    const source = new EventSource({ eventsAtMost: 3 });
    const app = fastifyApp();
    await app.register(FastifyMcpServer, { mount: source, prefix: '/api' });
    const stream = await fetch(`http://127.0.0.1:${String(await listenFastify(app))}/api/events`);
    const rest = stream.text();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await within(5000, app.close());
    expect((await within(1000, rest)).split('\n\n')).toHaveLength(4);
    expect(source.cancelled).toBe(true);
  });
});
