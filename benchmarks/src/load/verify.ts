import type { Answer } from './connection.js';

/** Something came back that should not have: the run is worth nothing. */
export class WrongAnswer extends Error {
  constructor(what: string, answer: Answer) {
    super(`${what}: ${String(answer.status)} ${answer.body.slice(0, 300)}`);
  }
}

const INFO_KEY = 'io.modelcontextprotocol/serverInfo';

/** A result, as far as the load looks at it. */
export interface Result {
  readonly serverInfo?: { readonly name?: string };
  readonly content?: readonly { readonly text?: string }[];
  readonly tools?: readonly unknown[];
  readonly _meta?: Readonly<Record<string, { readonly name?: string } | undefined>>;
}

/** The result in an answer, whose id must be the one that was asked with. An event stream ends with it. */
export function resultOf(answer: Answer, id: number): Result {
  if (answer.status !== 200) throw new WrongAnswer('The status is not 200', answer);
  const message = messageIn(answer);
  if (message.id !== id || message.result === undefined) {
    throw new WrongAnswer(`It is not the answer to ${String(id)}`, answer);
  }
  return message.result;
}

function messageIn(answer: Answer): { readonly id?: unknown; readonly result?: Result } {
  try {
    return JSON.parse(lastMessage(answer.body)) as { id?: unknown; result?: Result };
  } catch {
    throw new WrongAnswer('It is no JSON', answer);
  }
}

function lastMessage(body: string): string {
  if (body.startsWith('{')) return body;
  const at = body.lastIndexOf('data: {');
  if (at === -1) return '{}';
  return body.slice(at + 'data: '.length, body.indexOf('\n', at));
}

/** How long a large result is: 256 KiB. */
const LARGE = 262_144;

/** Whether a result is the echo of a text: this and nothing else, or at its length and with more behind it. */
export function isEcho({ content }: Result, text: string): boolean {
  const said = content?.[0]?.text;
  return said === text || (said?.length === LARGE && said.startsWith(`${text} `));
}

/** What the server of a stateless answer is called. */
export function serverNameOf({ _meta }: Result): string | undefined {
  return _meta?.[INFO_KEY]?.name;
}
