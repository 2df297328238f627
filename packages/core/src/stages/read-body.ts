import { bodyAlreadyRead, bodyIncomplete, bodyTooLarge } from '../errors/body-errors.js';
import { TesseraError } from '../errors/tessera-error.js';
import type { EdgeRequest } from '../shared/edge.js';

/**
 * Reads a body once and no further than allowed. An announced length is trusted, because the HTTP parser enforces
 * it; a body without one is counted as it comes. Rejects with whatever the platform does; see `bodyError`.
 *
 * @throws `body_too_large`, `body_already_read`
 */
export function readBody(request: EdgeRequest, maximumBytes: number): Promise<string> {
  if (request.bodyUsed === true) throw bodyAlreadyRead();
  const length = request.headers.get('content-length');
  if (length === null) {
    const { body } = request;
    return body instanceof ReadableStream ? readStream(body, maximumBytes) : request.text(maximumBytes);
  }
  if (Number(length) > maximumBytes) throw bodyTooLarge(maximumBytes);
  return request.text(maximumBytes);
}

/** Why a body could not be read: every platform has its own error for one whose sender has left. */
export function bodyError(thrown: unknown): TesseraError {
  return TesseraError.isInstance(thrown) ? thrown : bodyIncomplete();
}

/**
 * The text of a body that somebody has read but not parsed; undefined when it was parsed.
 *
 * @throws `body_too_large`
 */
export function rawTextOf(body: unknown, maximumBytes: number): string | undefined {
  if (typeof body === 'string') {
    refuseTooLarge(body, maximumBytes);
    return body;
  }
  if (!(body instanceof Uint8Array)) return undefined;
  if (body.byteLength > maximumBytes) throw bodyTooLarge(maximumBytes);
  return new TextDecoder().decode(body);
}

/** @throws `body_too_large` for a text that is longer than was announced */
export function refuseTooLarge(text: string, maximumBytes: number): void {
  // A character has at most three bytes.
  const mayBeTooLarge = text.length * 3 > maximumBytes;
  if (mayBeTooLarge && new TextEncoder().encode(text).length > maximumBytes) throw bodyTooLarge(maximumBytes);
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
