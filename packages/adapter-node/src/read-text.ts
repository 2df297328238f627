import { bodyAlreadyRead, bodyIncomplete, bodyTooLarge } from '@tessera-mcp/core';
import type { NodeIncoming } from './node-messages.js';

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Reads a body as UTF-8 text, once, and stops as soon as it is too large.
 *
 * @throws `body_too_large`, `body_already_read`, `client_gone`
 */
export function readText(incoming: NodeIncoming, maximumBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    if (incoming.readableDidRead) {
      reject(bodyAlreadyRead());
      return;
    }
    // Also what had arrived is gone with the connection when nobody had read it.
    const { destroyed } = 'stream' in incoming ? incoming.stream : incoming;
    if (destroyed) {
      reject(bodyIncomplete());
      return;
    }
    const chunks: Buffer[] = [];
    let received = 0;
    let over = false;
    const onData = (chunk: Buffer | string): void => {
      // Somebody before may have asked for texts with setEncoding().
      const buffer = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      received += buffer.length;
      if (received <= maximumBytes) {
        chunks.push(buffer);
        return;
      }
      over = true;
      incoming.removeListener('data', onData);
      incoming.pause();
      reject(bodyTooLarge(maximumBytes));
    };
    // Every request closes at its end too, and an error is dear to make.
    const onIncomplete = (): void => {
      if (over) return;
      over = true;
      reject(bodyIncomplete());
    };
    incoming.on('data', onData);
    incoming.on('end', () => {
      // In HTTP/2 a body that was cut off ends like a whole one.
      if ('stream' in incoming && incoming.stream.aborted) {
        onIncomplete();
        return;
      }
      over = true;
      const [only] = chunks;
      const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
      const text = bytes.toString('utf8');
      // Decoders of the Web take the byte order mark for what it is.
      resolve(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
    });
    incoming.on('error', onIncomplete);
    incoming.on('close', onIncomplete);
  });
}
