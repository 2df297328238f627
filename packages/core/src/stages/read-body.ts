import { bodyAlreadyRead, bodyTooLarge } from '../errors/body-errors.js';
import type { EdgeRequest } from '../shared/edge.js';

/**
 * Reads a body once and no further than allowed. An announced length is trusted, because the HTTP parser enforces
 * it; a body without one is counted as it comes.
 *
 * @throws `body_too_large`, `body_already_read`
 */
export async function readBody(request: EdgeRequest, maximumBytes: number): Promise<string> {
  if (request.bodyUsed === true) throw bodyAlreadyRead();
  const length = request.headers.get('content-length');
  const announced = length === null ? undefined : Number(length);
  if (announced !== undefined && announced > maximumBytes) throw bodyTooLarge(maximumBytes);
  if (announced === undefined && request.body instanceof ReadableStream) {
    return readStream(request.body, maximumBytes);
  }
  const text = await request.text(maximumBytes);
  // Only a length that lies gets here with too much; a character has at most three bytes.
  const mayBeTooLarge = text.length * 3 > maximumBytes;
  if (mayBeTooLarge && new TextEncoder().encode(text).length > maximumBytes) throw bodyTooLarge(maximumBytes);
  return text;
}

async function readStream(stream: ReadableStream<Uint8Array>, maximumBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > maximumBytes) {
      await reader.cancel();
      throw bodyTooLarge(maximumBytes);
    }
    text += decoder.decode(value, { stream: true });
  }
}
