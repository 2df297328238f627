import type { ClientHttp2Session, IncomingHttpHeaders } from 'node:http2';

import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../session-era/helpers/cleanup.js';
import { initializeMessage } from '../session-era/helpers/messages.js';
import { headersOf } from '../session-era/helpers/session.js';
import { createWorld, IN_PROCESS, newToken, TOKENS } from '../session-era/helpers/world.js';
import { serveHttp2 } from './helpers/http2.js';
import { within } from './helpers/waiting.js';

afterEach(closeEverything);

interface Answered {
  readonly status: number | undefined;
  readonly body: string;
  /** Whether the stream ended without an error. */
  readonly clean: boolean;
}

function post(client: ClientHttp2Session, token: string, body: string | Buffer): Promise<Answered> {
  return new Promise((resolve) => {
    const stream = client.request({ ':method': 'POST', ':path': '/mcp', ...headersOf({ token }) });
    let status: number | undefined;
    let text = '';
    let clean = true;
    stream.setEncoding('utf8');
    stream.on('response', (headers: IncomingHttpHeaders & { ':status'?: number }) => {
      status = headers[':status'];
    });
    stream.on('data', (chunk: string) => (text += chunk));
    stream.on('error', () => (clean = false));
    stream.on('close', () => {
      resolve({ status, body: text, clean });
    });
    stream.end(body);
  });
}

const LARGE = Buffer.alloc(20_000_000, 'x');

describe('Large bodies over HTTP/2', () => {
  it('A body of 20 MB is answered with 413, and the connection goes on.', async () => {
    const world = await createWorld(IN_PROCESS);
    const client = (await serveHttp2(world)).connect();
    const refused = await within(4000, post(client, TOKENS.acme, LARGE));
    expect(refused).toMatchObject({ status: 413, clean: true });
    expect(JSON.parse(refused.body)).toHaveProperty('error');
    const next = await within(2000, post(client, TOKENS.acme, JSON.stringify(initializeMessage())));
    expect(next).toMatchObject({ status: 200, clean: true });
    expect(world.events('internalError')).toHaveLength(0);
  });

  it('A body of 20 MB with an unknown token is answered with 401.', async () => {
    const world = await createWorld(IN_PROCESS);
    const client = (await serveHttp2(world)).connect();
    const refused = await within(4000, post(client, newToken(), LARGE));
    expect(refused).toMatchObject({ status: 401, clean: true });
  });
});
