import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

/** Sends header lines exactly as they are given, and resolves with the head and the body of the answer. */
export function rawRequest(port: number, lines: readonly string[], body = ''): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(5000, () => {
      socket.destroy(new Error(`No answer came, only ${JSON.stringify(text)}.`));
    });
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\r\n\r\n');
      if (end === -1) return;
      const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      socket.destroy();
      resolve({ status: Number(text.slice(9, 12)), text });
    });
    socket.on('end', () => {
      resolve({ status: Number(text.slice(9, 12)), text });
    });
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  });
}
