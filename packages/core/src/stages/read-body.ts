import { bodyAlreadyRead, bodyIncomplete, bodyTooLarge } from '../errors/body-errors.js';
import { TesseraError } from '../errors/tessera-error.js';
import type { EdgeRequest } from '../shared/edge.js';

/**
 * Reads a body once and no further than allowed. An announced length is trusted, because the HTTP parser enforces
 * it; a body without one is counted as it comes.
 *
 * @throws `body_too_large`, `body_already_read`, `client_gone`
 */
export async function readBody(request: EdgeRequest, maximumBytes: number): Promise<string> {
  if (request.bodyUsed === true) throw bodyAlreadyRead();
  const length = request.headers.get('content-length');
  const announced = length === null ? undefined : Number(length);
  if (announced !== undefined && announced > maximumBytes) throw bodyTooLarge(maximumBytes);
  let text: string;
  try {
    text =
      announced === undefined && request.body instanceof ReadableStream
        ? await readStream(request.body, maximumBytes)
        : await request.text(maximumBytes);
  } catch (thrown) {
    // Every platform has its own error for a body whose sender has left.
    throw TesseraError.isInstance(thrown) ? thrown : bodyIncomplete();
  }
  // Only a length that lies gets here with too much.
  refuseTooLarge(text, maximumBytes);
  return text;
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

function refuseTooLarge(text: string, maximumBytes: number): void {
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
