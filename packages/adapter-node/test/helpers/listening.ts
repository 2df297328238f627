import { createServer, request, type IncomingMessage, type RequestOptions, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { Answer, EdgeRequest, RequestContext } from '@tessera-mcp/core';
import { onTestFinished } from 'vitest';
import { toNodeHandler, type NodeHandlerOptions } from '../../src/index.js';

/** What a test lets the bridge hand its requests to. */
export type Handle = (request: EdgeRequest, context?: RequestContext) => Promise<Answer>;

/** A server that answers with `handle` through the bridge, until the test is over. */
export async function listening(
  handle: Handle,
  options?: NodeHandlerOptions,
  host = '127.0.0.1',
): Promise<number> {
  const handler = toNodeHandler({ handle });
  const server = createServer((incoming, outgoing) => {
    void handler(incoming, outgoing, options);
  });
  return listen(server, host);
}

/** Listens on a free port until the test is over. */
async function listen(server: Server, host = '127.0.0.1'): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, host, resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** Sends a request and gives the response as soon as its headers are there. */
export function send(port: number, options: RequestOptions = {}, body?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, path: '/mcp', ...options }, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Reads a response to its end. */
export async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string;
  return text;
}

/** Sends bytes as they are and gives everything that comes back until the connection closes. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(text);
    });
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('close', () => {
      resolve(answer);
    });
    socket.on('error', reject);
  });
}

/** An answer with a text. */
export function textAnswer(body: string, status = 200): Answer {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}
