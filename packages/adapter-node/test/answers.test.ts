import { createServer as createHttp2, connect as connectHttp2 } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Answer } from '@tessera-mcp/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { toNodeHandler } from '../src/index.js';
import { listening, send, textOf } from './helpers/listening.js';

const KIB = 1024;

function streamAnswer(stream: ReadableStream<Uint8Array>): Answer {
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: stream };
}

describe('an answer through the Node bridge', () => {
  it('goes out in one piece with its length', async () => {
    const port = await listening(() => Promise.resolve({ status: 201, headers: {}, body: 'grüße' }));
    const response = await send(port);
    expect(response.statusCode).toBe(201);
    expect(response.headers['content-length']).toBe('7');
    expect(response.headers['transfer-encoding']).toBeUndefined();
    expect(await textOf(response)).toBe('grüße');
  });

  it('goes out with the length that was counted before, if it was', async () => {
    const port = await listening(() =>
      Promise.resolve({ status: 200, headers: {}, body: 'grüße', bytes: 7 }),
    );
    const response = await send(port);
    expect(response.headers['content-length']).toBe('7');
    expect(await textOf(response)).toBe('grüße');
  });

  it('may be empty', async () => {
    const port = await listening(() => Promise.resolve({ status: 202, headers: {}, body: null }));
    const response = await send(port);
    expect([response.statusCode, response.headers['content-length']]).toEqual([202, '0']);
  });

  it('keeps repeated cookies apart', async () => {
    const headers = { 'set-cookie': ['a=1; Path=/', 'b=2, c'] };
    const port = await listening(() => Promise.resolve({ status: 200, headers, body: '' }));
    expect((await send(port)).headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2, c']);
  });

  it('shows the headers of a stream before anything is in it', async () => {
    const port = await listening(() => Promise.resolve(streamAnswer(new ReadableStream())));
    const response = await send(port);
    expect(response.headers['content-type']).toBe('text/event-stream');
    response.destroy();
  });

  it('cancels a quiet stream as soon as the client is gone', async () => {
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      cancel: () => {
        cancelled = true;
      },
    });
    const port = await listening(() => Promise.resolve(streamAnswer(stream)));
    (await send(port)).destroy();
    await expect.poll(() => cancelled, { timeout: 2000 }).toBe(true);
  });

  it('reads a stream no faster than the client does', async () => {
    let pulled = 0;
    const stream = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          pulled += 1;
          if (pulled > 2000) controller.close();
          else controller.enqueue(new Uint8Array(64 * KIB));
        },
      },
      { highWaterMark: 0 },
    );
    const port = await listening(() => Promise.resolve(streamAnswer(stream)));
    const response = await send(port);
    response.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const whileUnread = pulled;
    expect(whileUnread).toBeLessThan(1000);
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(2000 * 64 * KIB);
  });

  it('ends the connection when its stream breaks', async () => {
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode('begun'));
        controller.error(new Error('broken'));
      },
    });
    const port = await listening(() => Promise.resolve(streamAnswer(stream)));
    await expect(send(port).then(textOf)).rejects.toThrow();
  });

  it('leaves headers of a connection out in HTTP/2, where they are forbidden', async () => {
    const handler = toNodeHandler({
      handle: ({ method, url, headers }) =>
        Promise.resolve({
          status: 200,
          headers: {
            connection: 'keep-alive',
            'keep-alive': 'timeout=5',
            'x-kept': 'yes',
            'set-cookie': ['a', 'b'],
          },
          body: [method, url, headers.get('host')?.startsWith('127.0.0.1:')].join(' '),
        }),
    });
    const server = createHttp2((incoming, outgoing) => {
      void handler(incoming, outgoing);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const client = connectHttp2(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    onTestFinished(() => {
      client.close();
      server.close();
    });
    const stream = client.request({ ':path': '/mcp' });
    const headers = await new Promise<Record<string, unknown>>((resolve) => {
      stream.on('response', resolve);
    });
    let body = '';
    for await (const chunk of stream.setEncoding('utf8')) body += chunk as string;
    expect(headers).toMatchObject({ ':status': 200, 'x-kept': 'yes', 'set-cookie': ['a', 'b'] });
    expect(headers).not.toHaveProperty('connection');
    expect(headers).not.toHaveProperty('keep-alive');
    expect(body).toBe('GET /mcp true');
  });

  it('streams over HTTP/2 too, and notices when the client is gone', async () => {
    let cancelled = false;
    const handler = toNodeHandler({
      handle: () =>
        Promise.resolve(
          streamAnswer(
            new ReadableStream<Uint8Array>({
              start: (controller) => {
                controller.enqueue(new TextEncoder().encode('first'));
              },
              cancel: () => {
                cancelled = true;
              },
            }),
          ),
        ),
    });
    const server = createHttp2((incoming, outgoing) => {
      void handler(incoming, outgoing);
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const client = connectHttp2(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    onTestFinished(() => {
      client.close();
      server.close();
    });
    const stream = client.request({ ':path': '/mcp' });
    const first = await new Promise<string>((resolve) => {
      stream.setEncoding('utf8').once('data', resolve);
    });
    expect(first).toBe('first');
    stream.close();
    await expect.poll(() => cancelled, { timeout: 2000 }).toBe(true);
  });
});
