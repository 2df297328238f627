import type { CorpusAnswer } from './ask.js';
import type { CorpusRequest } from './corpus-request.js';

/** What belongs to the way an answer is sent, not to the answer. */
const OF_THE_CONNECTION: ReadonlySet<string> = new Set([
  'content-length',
  'connection',
  'date',
  'keep-alive',
  'transfer-encoding',
]);

/** What an answer must not have when the tessera did not say it. */
const SAID_BY_A_TESSERA_ONLY: RegExp =
  /^(?:access-control-.*|allow|cache-control|location|mcp-.*|refresh|retry-after|set-cookie|vary|www-authenticate|x-accel-buffering)$/;

const LONGEST_SHOWN = 160;

/** How an answer through an adapter differs from the tessera's own; empty when it does not. */
export function differences(request: CorpusRequest, bare: CorpusAnswer, adapted: CorpusAnswer): string[] {
  const found: string[] = [];
  if (bare.status !== adapted.status)
    found.push(`status ${String(adapted.status)} instead of ${String(bare.status)}`);
  for (const [name, value] of Object.entries(bare.headers)) {
    if (OF_THE_CONNECTION.has(name) || adapted.headers[name] === value) continue;
    found.push(`${name}: ${adapted.headers[name] ?? '(missing)'} instead of ${value}`);
  }
  for (const [name, value] of Object.entries(adapted.headers)) {
    if (SAID_BY_A_TESSERA_ONLY.test(name) && bare.headers[name] === undefined)
      found.push(`${name}: ${value} is new`);
  }
  // The answer to HEAD has no body on the wire, whatever was made for it.
  const body = request.method === 'HEAD' ? '' : bare.body;
  if (body !== adapted.body) found.push(`body ${short(adapted.body)} instead of ${short(body)}`);
  return found;
}

function short(text: string): string {
  const json = JSON.stringify(text);
  return json.length > LONGEST_SHOWN ? `${json.slice(0, LONGEST_SHOWN)}…` : json;
}
