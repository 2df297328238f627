import { createServer, type IncomingMessage } from 'node:http';

import { createTessera, type TokenRecord } from '@tessera-mcp/core';
import { toNodeHandler } from '@tessera-mcp/node';
import { afterEach, describe, expect, it } from 'vitest';

import { recordingLogger } from '../one-line-server/helpers/recording-logger.js';
import { gate } from '../one-line-server/helpers/watch.js';
import { closeEverything, closeLater } from '../session-era/helpers/cleanup.js';
import { initializeMessage, textOf, toolCall } from '../session-era/helpers/messages.js';
import { headersOf, openSession } from '../session-era/helpers/session.js';
import { answerOf } from '../session-era/helpers/streams.js';
import { createWorld, IN_PROCESS, newToken, TOKENS, type World } from '../session-era/helpers/world.js';
import { listenOn, openConnection, requestText, stopListening } from './helpers/connections.js';
import { until, within } from './helpers/waiting.js';

afterEach(closeEverything);

interface Bridge {
  readonly port: number;
  /** Requests that came, handlers that are done with them, and connections that are lost. */
  readonly count: { came: number; settled: number; lost: number };
}

/** Puts a tessera on a server of the program's own. */
async function bridge(
  { tessera }: Pick<World, 'tessera'>,
  before: (incoming: IncomingMessage) => void = () => undefined,
): Promise<Bridge> {
  const handler = toNodeHandler(tessera);
  const count = { came: 0, settled: 0, lost: 0 };
  const server = createServer((incoming, outgoing) => {
    count.came += 1;
    incoming.socket.once('close', () => (count.lost += 1));
    before(incoming);
    void handler(incoming, outgoing).then(() => (count.settled += 1));
  });
  closeLater(() => stopListening(server));
  return { port: await listenOn(server), count };
}

const statuses = (world: World): number[] => world.events('requestHandled').map(({ status }) => status);

describe('Clients that leave a Node server', () => {
  const message = JSON.stringify(initializeMessage());

  it.each([
    ['had arrived in part', '{"a', 900],
    ['had arrived', message, message.length],
  ])(
    'Requests whose body %s are settled with status 499 when their client left while a registry was asked.',
    async (_how, body, length) => {
      const found = gate();
      const find = async (digest: string): Promise<TokenRecord> => {
        await found.opened;
        return { tokenId: 'row-1', tenantId: 'acme', digest, fingerprint: 'row', scopes: [] };
      };
      const world = await createWorld(IN_PROCESS, { auth: { registries: [{ find }] } });
      const { port, count } = await bridge(world);
      const text = requestText('POST', { token: newToken() }, body, length);
      for (let client = 1; client <= 3; client += 1) {
        const socket = openConnection(port);
        socket.write(text);
        await until(() => {
          expect(count.came).toBe(client);
        });
        socket.destroy();
      }
      await until(() => {
        expect(count).toEqual({ came: 3, settled: 0, lost: 3 });
      });
      found.open();
      await until(() => {
        expect(count.settled).toBe(3);
      });
      expect(statuses(world)).toEqual([499, 499, 499]);
      expect(world.events('internalError')).toHaveLength(0);
      expect(world.tessera.getStats()).toMatchObject({ activeSessions: 0, callsInFlight: 0 });
    },
  );

  it('Uploads that are aborted half-way are settled and are no internal errors.', async () => {
    const world = await createWorld(IN_PROCESS);
    const { port, count } = await bridge(world);
    const text = requestText('POST', { token: TOKENS.acme }, '{"jsonrpc":"2.0",', 900);
    for (let client = 1; client <= 3; client += 1) {
      const socket = openConnection(port);
      socket.write(text);
      await until(() => {
        expect(count.came).toBe(client);
      });
      if (client === 1) socket.destroy();
      else if (client === 2) socket.resetAndDestroy();
      else socket.end();
    }
    await until(() => {
      expect(count.settled).toBe(3);
    });
    expect(statuses(world)).toEqual([499, 499, 499]);
    expect(world.events('internalError')).toHaveLength(0);
    expect(world.tessera.getStats().callsInFlight).toBe(0);
  });

  it('Uploads that are aborted write no error to the log.', async () => {
    const logger = recordingLogger();
    const tessera = createTessera({ logger });
    closeLater(() => tessera.close());
    tessera.addTenant({
      id: 'acme',
      server: () => Promise.reject(new Error('unused')),
      tokens: [TOKENS.acme],
    });
    const { port, count } = await bridge({ tessera });
    const socket = openConnection(port);
    socket.write(requestText('POST', { token: TOKENS.acme }, '[', 900));
    await until(() => {
      expect(count.came).toBe(1);
    });
    socket.destroy();
    await until(() => {
      expect(count.settled).toBe(1);
    });
    expect(logger.lines.error).toEqual([]);
  });
});

describe('Bodies whose encoding was set before a Node server hands them on', () => {
  it('A body of many chunks arrives as it was sent.', async () => {
    const world = await createWorld(IN_PROCESS);
    const { port } = await bridge(world, (incoming) => incoming.setEncoding('utf8'));
    const url = `http://127.0.0.1:${String(port)}/mcp`;
    const session = await openSession(world, TOKENS.acme);
    const text = 'a€😀'.repeat(60_000);
    const body = JSON.stringify(toolCall(1, 'echo', text));
    const asked = fetch(url, { method: 'POST', headers: headersOf(session.caller), body });
    const response = await within(3000, asked);
    expect(response.status).toBe(200);
    expect(textOf(await answerOf(response)) === text).toBe(true);
  });

  it('A body that is larger than limits.bodyBytes is refused, counted in bytes.', async () => {
    const world = await createWorld(IN_PROCESS, { limits: { bodyBytes: 100_000 } });
    const { port, count } = await bridge(world, (incoming) => incoming.setEncoding('utf8'));
    const init = {
      method: 'POST',
      headers: headersOf({ token: TOKENS.acme }),
      // Without a length: the bytes are counted as they come.
      body: new Blob([JSON.stringify(initializeMessage()), '€'.repeat(50_000)]).stream(),
      duplex: 'half' as const,
    };
    const response = await within(3000, fetch(`http://127.0.0.1:${String(port)}/mcp`, init));
    expect(response.status).toBe(413);
    await response.text();
    await until(() => {
      expect(count.settled).toBe(1);
    });
  });
});
