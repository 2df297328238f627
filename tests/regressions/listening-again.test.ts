import { createServer } from 'node:http';

import { toNodeHandler } from '@tessera-mcp/node';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything, closeLater } from '../session-era/helpers/cleanup.js';
import { rawRequest } from '../session-era/helpers/raw.js';
import { createWorld, IN_PROCESS } from '../session-era/helpers/world.js';
import { listenOn, stopListening } from './helpers/connections.js';

afterEach(closeEverything);

const LOOPBACK = '127.0.0.1';
const EVERYWHERE = '0.0.0.0';

/** Listens on each address in turn, with one server, and returns how a foreign Host is answered on each. */
async function statusesOn(addresses: readonly string[]): Promise<number[]> {
  const { tessera } = await createWorld(IN_PROCESS);
  const handler = toNodeHandler(tessera);
  const server = createServer((incoming, outgoing) => {
    void handler(incoming, outgoing);
  });
  closeLater(() => (server.listening ? stopListening(server) : undefined));
  const statuses: number[] = [];
  for (const address of addresses) {
    const port = await listenOn(server, address);
    const { status } = await rawRequest(port, ['GET /mcp HTTP/1.1', 'host: evil.example']);
    statuses.push(status);
    await stopListening(server);
  }
  return statuses;
}

describe('One server that listens on another address the next time', () => {
  it('A foreign Host is refused once it listens on a loopback address only.', async () => {
    expect(await statusesOn([EVERYWHERE, LOOPBACK])).toEqual([401, 403]);
  });

  it('A foreign Host is served once it listens everywhere.', async () => {
    expect(await statusesOn([LOOPBACK, EVERYWHERE])).toEqual([403, 401]);
  });

  it('Each address is judged anew, however often it changes.', async () => {
    const addresses = [LOOPBACK, EVERYWHERE, LOOPBACK, LOOPBACK, EVERYWHERE];
    expect(await statusesOn(addresses)).toEqual([403, 401, 403, 403, 401]);
  });
});
