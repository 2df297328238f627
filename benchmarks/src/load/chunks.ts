/** A body that came in chunks. */
export interface Unchunked {
  readonly text: string;
  /** Where in the bytes the next answer begins. */
  readonly end: number;
}

/**
 * A body in chunks (RFC 9112 §7.1), once its last one is there; undefined until then. Trailers are not known.
 *
 * @throws Error when it is none
 */
export function unchunk(bytes: Buffer, from: number): Unchunked | undefined {
  const parts: Buffer[] = [];
  let at = from;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (Number.isNaN(size)) throw new Error('The body is not in chunks, although it says so.');
    const begin = lineEnd + 2;
    if (bytes.length < begin + size + 2) return undefined;
    if (size === 0) return { text: Buffer.concat(parts).toString('utf8'), end: begin + 2 };
    parts.push(bytes.subarray(begin, begin + size));
    at = begin + size + 2;
  }
}
