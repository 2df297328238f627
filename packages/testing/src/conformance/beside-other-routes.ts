import { expect } from 'vitest';
import type { Client } from './client/client.js';
import { defineSuite, type Suite } from './check.js';
import { INITIALIZE, McpSession, POST_HEADERS, textResult } from './fixtures/mcp-session.js';
import { RecordingHandler } from './fixtures/recording-handler.js';
import { sampleTessera } from './fixtures/sample-tessera.js';

/** The routes of the app itself: what they answer must not depend on what is mounted. */
async function expectOwnRoutes(client: Client): Promise<void> {
  const beside = await client.send({ path: '/beside' });
  expect([beside.status, await beside.text(), beside.header('x-before')]).toEqual([200, 'beside', '1']);
  const failing = await client.send({ path: '/failing' });
  expect([failing.status, failing.header('x-before')]).toEqual([500, '1']);
  await failing.bytes();
}

export const besideOtherRoutes: Suite = defineSuite('Beside other routes', [
  {
    name: 'Routes beside a tessera answer before and after it was asked.',
    needs: ['besides'],
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench));
      await expectOwnRoutes(client);
      const session = await McpSession.open(client);
      expect(await session.echo('mine')).toEqual(textResult(2, 'mine'));
      await expectOwnRoutes(client);
      expect(await session.echo('still mine')).toEqual(textResult(2, 'still mine'));
    },
  },
  {
    name: 'Routes beside a tessera answer also on the connection that the tessera has used.',
    needs: ['besides'],
    run: async (bench) => {
      const { origin } = await bench.mount(sampleTessera(bench));
      const client = bench.client(origin, { oneConnection: true });
      await expectOwnRoutes(client);
      const session = await McpSession.open(client);
      await expectOwnRoutes(client);
      expect(await session.echo('mine')).toEqual(textResult(2, 'mine'));
    },
  },
  {
    name: 'Routes beside a plain handler with a prefix answer, and so does the handler.',
    needs: ['besides', 'prefixes'],
    run: async (bench) => {
      const handler = new RecordingHandler();
      const { client } = await bench.mount(handler, { prefix: '/api' });
      await expectOwnRoutes(client);
      expect(await (await client.send({ path: '/api/beside' })).text()).toBe('ok');
      await expectOwnRoutes(client);
      expect(handler.requests).toHaveLength(1);
    },
  },
  {
    name: 'What a tessera does not serve is answered by the framework, as if there were no tessera.',
    needs: ['besides', 'prefixes'],
    run: async (bench) => {
      const { client } = await bench.mount(sampleTessera(bench));
      const other = await bench.mount(new RecordingHandler(), { prefix: '/elsewhere' });
      const paths = ['/nothing', '/mcpx', '/mcp/', '/.well-known/openid-configuration', '/'];
      for (const path of paths) {
        for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
          const asked = {
            method,
            path,
            ...(method === 'POST' ? { headers: POST_HEADERS, body: INITIALIZE } : {}),
          };
          const reply = await client.send(asked);
          const expected = await other.client.send(asked);
          expect([reply.status, await reply.text()], `${method} ${path}`).toEqual([
            expected.status,
            await expected.text(),
          ]);
        }
      }
    },
  },
  {
    name: 'Other methods of a route beside a tessera are not taken over by it.',
    needs: ['besides'],
    run: async (bench) => {
      const tessera = sampleTessera(bench);
      const { client } = await bench.mount(tessera);
      const reply = await client.send({
        method: 'POST',
        path: '/beside',
        headers: POST_HEADERS,
        body: INITIALIZE,
      });
      expect([404, 405]).toContain(reply.status);
      expect(await reply.text()).not.toContain('jsonrpc');
      expect(tessera.getStats().activeSessions).toBe(0);
    },
  },
]);
