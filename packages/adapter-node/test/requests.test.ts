import { once } from 'node:events';
import { connect } from 'node:net';
import { TesseraError } from '@tessera-mcp/core';
import { describe, expect, it } from 'vitest';
import { listening, send, sendRaw, textAnswer, textOf } from './helpers/listening.js';

describe('a request through the Node bridge', () => {
  it('keeps its method, its target and its headers', async () => {
    const port = await listening(({ method, url, headers }) =>
      Promise.resolve(textAnswer([method, url, headers.get('x-one'), headers.get('x-none')].join(' '))),
    );
    const response = await send(port, { method: 'DELETE', path: '/mcp?a=1', headers: { 'X-One': 'yes' } });
    expect(await textOf(response)).toBe('DELETE /mcp?a=1 yes ');
  });

  it('takes its path from the request target, whatever the Host says', async () => {
    const port = await listening(({ url }) => Promise.resolve(textAnswer(url)));
    const answer = await sendRaw(port, 'GET /real HTTP/1.1\r\nHost: x/fake?\r\nConnection: close\r\n\r\n');
    expect(answer).toContain('/real');
    expect(answer).not.toContain('fake');
  });

  it('reads its body whole, also when it comes in pieces that split a character', async () => {
    const port = await listening(async (request) => textAnswer(await request.text()));
    const bytes = Buffer.from('grüße');
    const head = `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${String(bytes.length)}\r\n\r\n`;
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(head);
    socket.write(bytes.subarray(0, 3));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.write(bytes.subarray(3));
    let answer = '';
    for await (const chunk of socket.setEncoding('utf8')) answer += chunk as string;
    expect(answer.endsWith('grüße')).toBe(true);
  });

  it('stops reading a body that is too large, and the client still gets the answer', async () => {
    const codes: string[] = [];
    const port = await listening(async (request) => {
      try {
        return textAnswer(await request.text(1000));
      } catch (error) {
        codes.push(TesseraError.isInstance(error) ? error.code : 'other');
        return textAnswer('too large', 413);
      }
    });
    const response = await send(port, { method: 'POST' }, 'x'.repeat(1_000_000));
    expect([response.statusCode, await textOf(response)]).toEqual([413, 'too large']);
    expect(codes).toEqual(['body_too_large']);
  });

  it('says that its body was read when somebody else has read it', async () => {
    const port = await listening(async (request) => {
      await request.text();
      expect(request.bodyUsed).toBe(true);
      await expect(request.text()).rejects.toThrow(/body_already_read/);
      return textAnswer('ok');
    });
    const response = await send(port, { method: 'POST' }, 'x');
    expect(response.statusCode).toBe(200);
  });

  it('rejects its body when the client goes away in the middle', async () => {
    let settle: (error: unknown) => void = () => undefined;
    const rejected = new Promise<unknown>((resolve) => {
      settle = resolve;
    });
    const port = await listening(async (request) => {
      await request.text().catch(settle);
      return textAnswer('late');
    });
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc');
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.destroy();
    expect(await rejected).toBeInstanceOf(Error);
  });

  it.each(['Host', 'Authorization', 'Content-Type', 'Origin', 'Mcp-Session-Id', 'MCP-Protocol-Version'])(
    'is refused when it has the header %s twice',
    async (name) => {
      const port = await listening(() => Promise.resolve(textAnswer('reached')));
      const host = name === 'Host' ? '' : 'Host: x\r\n';
      const answer = await sendRaw(
        port,
        `GET / HTTP/1.1\r\n${host}${name}: a\r\n${name.toLowerCase()}: b\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toContain('400 Bad Request');
      expect(answer).not.toContain('reached');
    },
  );

  it('says whether the listening socket is bound to a loopback address', async () => {
    const handle = (
      _request: unknown,
      context?: { loopbackBind?: boolean },
    ): Promise<ReturnType<typeof textAnswer>> => Promise.resolve(textAnswer(String(context?.loopbackBind)));
    const loopback = await listening(handle, undefined, '127.0.0.1');
    const everywhere = await listening(handle, undefined, '0.0.0.0');
    expect(await textOf(await send(loopback))).toBe('true');
    expect(await textOf(await send(everywhere))).toBe('false');
  });

  it('hands on a body that was parsed before', async () => {
    const parsedBody = { a: 1 };
    const port = await listening(
      (_request, context) => {
        expect(context?.parsedBody).toBe(parsedBody);
        return Promise.resolve(textAnswer('ok'));
      },
      { parsedBody },
    );
    expect((await send(port, { method: 'POST' }, 'ignored')).statusCode).toBe(200);
  });

  it('has a signal that fires when the client goes away, and not when it was answered', async () => {
    const signals: AbortSignal[] = [];
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const port = await listening(async (request) => {
      if (request.signal !== undefined) signals.push(request.signal);
      if (request.url === '/held') await held;
      return textAnswer('ok');
    });
    await textOf(await send(port, { path: '/quick' }));
    const abandoned = send(port, { path: '/held', signal: AbortSignal.timeout(50) });
    await expect(abandoned).rejects.toThrow();
    await expect.poll(() => signals[1]?.aborted).toBe(true);
    expect(signals[0]?.aborted).toBe(false);
    release();
  });
});
