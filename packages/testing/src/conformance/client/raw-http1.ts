import { connect } from 'node:net';
import { within } from '../waiting.js';

/** An answer, as the bytes of a connection say it. */
export interface RawHttp1Answer {
  readonly status: number;
  /** What came of it. */
  readonly body: string;
}

/** Writes a text to a new connection, and gives the answers that came when the server has closed it. */
export async function sendRawHttp1(origin: string, text: string): Promise<RawHttp1Answer[]> {
  return answersIn(await exchangeRawHttp1(origin, text));
}

/** Writes a text to a new connection, and gives everything that came when the server has closed it. */
export async function exchangeRawHttp1(origin: string, text: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  const closed = new Promise<void>((resolve) => {
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.once('close', () => {
      resolve();
    });
  });
  socket.write(text);
  try {
    await within(closed, 'The end of the connection');
  } finally {
    socket.destroy();
  }
  return Buffer.concat(chunks).toString('latin1');
}

/** Tells answers apart as a client does: where one ends, the next one begins. */
function answersIn(text: string): RawHttp1Answer[] {
  const answers: RawHttp1Answer[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) throw new Error(`There is no answer in ${JSON.stringify(rest)}.`);
    const head = rest.slice(0, end);
    const isChunked = /^transfer-encoding: chunked\r?$/im.test(head);
    const { body, after } = isChunked ? chunkedBody(rest, end + 4) : boundedBody(rest, end + 4, head);
    answers.push({ status: Number(head.slice(9, 12)), body });
    rest = rest.slice(after);
  }
  return answers;
}

interface BodyInText {
  readonly body: string;
  readonly after: number;
}

function boundedBody(text: string, start: number, head: string): BodyInText {
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Infinity);
  return { body: text.slice(start, start + length), after: start + length };
}

function chunkedBody(text: string, start: number): BodyInText {
  let body = '';
  for (let at = start; ;) {
    const line = text.indexOf('\r\n', at);
    // The end of the text is the end of an answer that was cut off.
    if (line === -1) return { body, after: text.length };
    const size = Number.parseInt(text.slice(at, line), 16);
    if (size === 0) return { body, after: line + 4 };
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}
