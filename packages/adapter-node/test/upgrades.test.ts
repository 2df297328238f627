import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { serve, type Served, type Upgradable } from '../src/index.js';

const fetch = (): Response => new Response('a plain answer');

type Upgrade = Upgradable['upgrade'];

async function serving(upgrade?: Upgrade): Promise<Served> {
  const served = await serve(upgrade === undefined ? { fetch } : { fetch, upgrade });
  onTestFinished(() => served.close());
  return served;
}

/** Asks for an upgrade and gives the socket, and what has come until `text` was in it or the connection closed. */
async function ask(port: number, text: string, behind = ''): Promise<{ socket: Socket; answer: string }> {
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const headers = 'host: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: echo\r\n';
  socket.write(`GET /echo HTTP/1.1\r\n${headers}\r\n${behind}`);
  let answer = '';
  await new Promise<void>((resolve) => {
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
      if (answer.includes(text)) resolve();
    });
    socket.on('close', resolve).on('error', () => undefined);
  });
  return { socket, answer };
}

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n';

const echo: Upgrade = (_incoming, socket, head) => {
  socket.write(SWITCHING);
  socket.write(head);
  socket.pipe(socket);
};

describe('Upgrades', () => {
  it('are handed over with the request, the socket and what was sent behind the request', async () => {
    const urls: (string | undefined)[] = [];
    const { port } = await serving((incoming, socket, head) => {
      urls.push(incoming.url);
      return echo(incoming, socket, head);
    });
    const { socket, answer } = await ask(port, 'early', 'early');
    expect(answer).toBe(`${SWITCHING}early`);
    const later = new Promise<string>((resolve) => socket.once('data', resolve));
    socket.write('later');
    expect(await later).toBe('later');
    expect(urls).toEqual(['/echo']);
  });

  it('are ended when the server closes, which would wait for them otherwise', async () => {
    const served = await serving(echo);
    const { socket } = await ask(served.port, '101');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await served.close();
    await closed;
  });

  it.each<[string, Upgrade]>([
    [
      'throws',
      () => {
        throw new Error('no upgrade today');
      },
    ],
    ['rejects', () => Promise.reject(new Error('no upgrade today'))],
  ])('of a handler that %s close the connection and warn the process', async (_how, upgrade) => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    onTestFinished(() => {
      warn.mockRestore();
    });
    const { port } = await serving(upgrade);
    expect((await ask(port, 'never')).answer).toBe('');
    expect(warn.mock.calls).toMatchObject([[{ message: 'no upgrade today' }]]);
  });

  it('survive a client that resets the connection', async () => {
    const sockets: Duplex[] = [];
    const { port } = await serving((_incoming, socket) => {
      sockets.push(socket);
      socket.write(SWITCHING);
    });
    const { socket } = await ask(port, '101');
    socket.resetAndDestroy();
    await expect.poll(() => sockets[0]?.destroyed).toBe(true);
    expect((await ask(port, '101')).answer).toBe(SWITCHING);
  });

  it('are answered like other requests where nobody takes them', async () => {
    const { port } = await serving();
    expect((await ask(port, 'a plain answer')).answer).toMatch(/^HTTP\/1.1 200 OK\r\n/);
  });
});
