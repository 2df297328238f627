import { Agent, request, type IncomingMessage } from 'node:http';
import type { Asked, Reply, Send } from './session.js';

/** A way to a tessera that listens. */
export interface SocketClient {
  readonly send: Send;
  /** Ends the connections that are kept open. */
  close(): void;
}

/** Asks a tessera over real sockets, which are kept open and used again. */
export function overSockets(url: string): SocketClient {
  const agent = new Agent({ keepAlive: true, maxFreeSockets: 16 });
  return {
    send: (asked) => ask(url, agent, asked),
    close: () => {
      agent.destroy();
    },
  };
}

function ask(url: string, agent: Agent, { method, headers, body, signal }: Asked): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = request(url, {
      method,
      agent,
      headers: { ...headers, ...length },
      ...(signal === undefined ? {} : { signal }),
    });
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      resolve(replyOf(incoming));
    });
    outgoing.end(body);
  });
}

function replyOf(incoming: IncomingMessage): Reply {
  const { 'mcp-session-id': id } = incoming.headers;
  return {
    status: incoming.statusCode ?? 0,
    sessionId: typeof id === 'string' ? id : null,
    text: async () => {
      let text = '';
      incoming.setEncoding('utf8');
      for await (const piece of incoming) text += String(piece);
      return text;
    },
    next: () =>
      new Promise((resolve, reject) => {
        incoming.once('error', reject);
        incoming.once('data', (piece) => {
          incoming.pause();
          resolve(String(piece));
        });
        incoming.once('end', () => {
          resolve(undefined);
        });
      }),
    leave: () => {
      // What was cut off is an error to the reader; here it is what was wanted.
      incoming.on('error', () => undefined);
      incoming.destroy();
      return Promise.resolve();
    },
  };
}
