import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { FetchHandler } from '@tessera-mcp/core';
import type { Client } from '../../src/conformance.js';
import { Reply } from '../../src/conformance/client/reply.js';

/** A client that asks a handler itself, without anything in between. */
export function fetchClient(handler: FetchHandler): Pick<Client, 'send'> {
  return {
    send: async ({ method = 'GET', path = '/', headers = {}, body } = {}) => {
      const sent = new Headers();
      for (const [name, values] of Object.entries(headers)) {
        for (const value of [values].flat()) sent.append(name, value);
      }
      const given = typeof body === 'string' ? { method, headers: sent, body } : { method, headers: sent };
      const response = await handler.fetch(new Request(`http://localhost${path}`, given), {});
      const stream =
        response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as NodeReadableStream);
      const ended = finished(stream, { cleanup: true });
      ended.catch(() => undefined);
      return new Reply({
        status: response.status,
        rawHeaders: [...response.headers].flat(),
        body: stream,
        port: undefined,
        ended,
        abort: () => stream.destroy(),
      });
    },
  };
}
