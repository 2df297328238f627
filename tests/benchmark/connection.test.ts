import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { unchunk } from '../../benchmarks/src/load/chunks.js';
import { Connection } from '../../benchmarks/src/load/connection.js';
import { EventStream } from '../../benchmarks/src/load/event-stream.js';

let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** Answers each request with some texts, one after the other. */
async function answering(...texts: readonly string[]): Promise<number> {
  server = createServer((socket) => {
    socket.on('data', () => void say(socket, texts));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function say(socket: Socket, texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    socket.write(text, 'latin1');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('A connection of the load', () => {
  test('reads a body by its length, however it was cut into pieces.', async () => {
    const port = await answering('HTTP/1.1 200 OK\r\nContent-Le', 'ngth: 5\r\nX-One: a b\r\n\r\nhe', 'llo');
    const connection = await Connection.open(port);
    for (let turn = 0; turn < 2; turn += 1) {
      const { status, body, header } = await connection.ask(Buffer.from('x'));
      expect([status, body, header('x-one'), header('x-two')]).toEqual([200, 'hello', 'a b', undefined]);
    }
    connection.close();
  });

  test('reads a body in chunks, and what is not ASCII in it.', async () => {
    const euro = Buffer.from('€').toString('latin1');
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    const port = await answering(
      head,
      `2\r\n${euro.slice(0, 2)}`,
      `\r\n1\r\n${euro.slice(2)}\r\n0\r\n`,
      '\r\n',
    );
    const connection = await Connection.open(port);
    expect((await connection.ask(Buffer.from('x'))).body).toBe('€');
    connection.close();
  });

  test('takes an answer without a length for one without a body.', async () => {
    const connection = await Connection.open(await answering('HTTP/1.1 202 Accepted\r\nDate: now\r\n\r\n'));
    expect(await connection.ask(Buffer.from('x'))).toMatchObject({ status: 202, body: '' });
    connection.close();
  });

  test('says so when it is closed before the answer has come, or before it was asked.', async () => {
    const port = await answering('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe');
    const connection = await Connection.open(port);
    const asked = connection.ask(Buffer.from('x'));
    connection.close();
    await expect(asked).rejects.toThrow('closed before its answer');
    await expect(connection.ask(Buffer.from('x'))).rejects.toThrow('is closed');
  });

  test('does not wait for ever for chunks that are none.', async () => {
    const port = await answering('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n');
    const connection = await Connection.open(port);
    await expect(connection.ask(Buffer.from('x'))).rejects.toThrow('not in chunks');
  });
});

test('Chunks say where the next answer begins, and nothing until the last one is there.', () => {
  const bytes = Buffer.from('3\r\nabc\r\n0\r\n\r\nHTTP');
  expect(unchunk(bytes, 0)).toEqual({ text: 'abc', end: bytes.length - 4 });
  for (let length = 0; length < bytes.length - 4; length += 1) {
    expect(unchunk(bytes.subarray(0, length), 0)).toBeUndefined();
  }
});

describe('A stream of events', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n';

  test('counts a message that comes in two parts once, and one that comes twice two times.', async () => {
    const port = await answering(HEAD, 'data: the-', 'mark\n\n', ': quiet\n\n', 'data: the-mark\n\n');
    const stream = await EventStream.open(port, Buffer.from('x'), 'the-mark');
    await expect.poll(() => stream.heard).toBe(2);
    stream.forget();
    expect(stream.heard).toBe(0);
    stream.close();
  });

  test('is refused when it is another kind of answer.', async () => {
    const port = await answering('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}');
    await expect(EventStream.open(port, Buffer.from('x'), 'the-mark')).rejects.toThrow('no stream of events');
  });
});
