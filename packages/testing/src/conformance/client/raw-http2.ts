import { connect } from 'node:net';
import { within } from '../waiting.js';

/** What came back, as far as it can be read without a decoder for compressed headers. */
export interface RawHttp2Answer {
  /** Undefined when it is none of the statuses that have a short form. */
  readonly status: number | undefined;
  readonly text: string;
}

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const FRAME_HEADER_BYTES = 9;
const FRAME = { data: 0, headers: 1, settings: 4 } as const;
const END_STREAM = 1;
const END_HEADERS = 4;

/** Places 8 to 14 of the static table (RFC 7541, Appendix A). */
const SHORT_STATUSES: readonly number[] = [200, 204, 206, 304, 400, 404, 500];
const FIRST_SHORT_STATUS = 0x88;

/**
 * Sends a request without a body over HTTP/2, with its headers exactly as they are given: Node's own client refuses to
 * send those twice that may come once.
 *
 * @param headers names and values; those with a colon first
 */
export async function sendRawHttp2(
  origin: string,
  headers: readonly (readonly [string, string])[],
): Promise<RawHttp2Answer> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  try {
    socket.write(PREFACE);
    socket.write(frame(FRAME.settings, 0, { stream: 0, payload: Buffer.alloc(0) }));
    const payload = Buffer.concat(
      headers.flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]),
    );
    socket.write(frame(FRAME.headers, END_STREAM | END_HEADERS, { stream: 1, payload }));
    return await within(readAnswer(socket), 'The answer over HTTP/2');
  } finally {
    socket.destroy();
  }
}

async function readAnswer(socket: AsyncIterable<Buffer>): Promise<RawHttp2Answer> {
  let buffered = Buffer.alloc(0);
  let status: number | undefined;
  let text = '';
  for await (const chunk of socket) {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= FRAME_HEADER_BYTES) {
      const end = FRAME_HEADER_BYTES + buffered.readUIntBE(0, 3);
      if (buffered.length < end) break;
      const [type, flags] = [buffered[3], buffered[4] ?? 0];
      const payload = buffered.subarray(FRAME_HEADER_BYTES, end);
      const isOurs = buffered.readUInt32BE(5) === 1;
      buffered = buffered.subarray(end);
      if (!isOurs) continue;
      if (type === FRAME.headers) status = statusIn(payload);
      if (type === FRAME.data) text += payload.toString('utf8');
      if ((flags & END_STREAM) !== 0 && (type === FRAME.headers || type === FRAME.data))
        return { status, text };
    }
  }
  throw new Error('The connection closed before the answer was complete.');
}

function frame(
  type: number,
  flags: number,
  { stream, payload }: { stream: number; payload: Buffer },
): Buffer {
  const head = Buffer.alloc(FRAME_HEADER_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A string that is not compressed (RFC 7541 §5.2); its length has seven bits, or more bytes behind them. */
function literal(text: string): Buffer {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const length = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}

/** The status comes first, behind what may be said about the size of the table. */
function statusIn(payload: Buffer): number | undefined {
  const first = payload.find((byte, index) => byte >= 128 && index < 6);
  return first === undefined ? undefined : SHORT_STATUSES[first - FIRST_SHORT_STATUS];
}
