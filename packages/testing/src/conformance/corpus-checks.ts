import type { Tessera } from '@tessera-mcp/core';
import { expect } from 'vitest';
import type { Bench } from './bench.js';
import { defineSuite, type Check, type Suite } from './check.js';
import { aboutSessions, askTessera, askThrough, openSessions, type CorpusAnswer } from './corpus/ask.js';
import { differences } from './corpus/compare.js';
import { CORPUS, SUBJECTS } from './corpus/corpus.js';
import type { CorpusRequest } from './corpus/corpus-request.js';
import { corpusTessera } from './corpus/corpus-world.js';

const LEAST_REQUESTS = 400;
const LEAST_STATUSES = 10;

function requestsOf(subject: string): readonly CorpusRequest[] {
  return CORPUS.filter((request) => request.subject === subject);
}

function makeTessera(bench: Bench): Tessera {
  const tessera = corpusTessera();
  bench.later(() => tessera.close());
  return tessera;
}

interface Comparison {
  readonly requests: readonly CorpusRequest[];
  readonly parseBodies: boolean;
}

/** Sends requests to a tessera and through the adapter to another one. Rejects with what differs, by name. */
async function compare(bench: Bench, { requests, parseBodies }: Comparison): Promise<void> {
  const bare = makeTessera(bench);
  const mounted = makeTessera(bench);
  const { client } = await bench.mount(mounted, { parseBodies });
  const askers = [askTessera(bare), askThrough(client, mounted)] as const;
  const ids = [await openSessions(askers[0]), await openSessions(askers[1])] as const;
  const { besides, protocol, refusedBefore } = bench.capabilities;
  const found: string[] = [];
  for (const request of requests) {
    if (request.http1Only === true && protocol === 'http2') continue;
    const expected = await askers[0].ask(aboutSessions(request, ids[0]));
    const answer = await askers[1]
      .ask(aboutSessions(request, ids[1]))
      .catch((error: unknown): CorpusAnswer => ({ status: 0, headers: {}, body: String(error) }));
    const isBeside = besides && !bare.serves(new URL(request.path, 'http://localhost').pathname);
    const isRefusedBefore = request.malformed !== undefined && refusedBefore.includes(request.malformed);
    // Whoever answers in the tessera's place has words of its own.
    const counted = isRefusedBefore ? { ...expected, headers: {}, body: answer.body } : expected;
    const differs = isBeside ? besideDifferences(answer) : differences(request, counted, answer);
    if (differs.length > 0) found.push(`${request.name}: ${differs.join('; ')}`);
  }
  if (found.length === 0) return;
  const count = `${String(found.length)} of ${String(requests.length)}`;
  throw new Error([`${count} requests are answered differently:`, ...found].join('\n- '));
}

/** Whether any parser of JSON makes the same of a body. Some take objects and lists only, or no prototypes. */
function isPlainJson({ body }: CorpusRequest): boolean {
  if (typeof body !== 'string' || body.includes('__proto__') || !/^[[{]/.test(body)) return false;
  try {
    return JSON.parse(body) !== undefined;
  } catch {
    return false;
  }
}

/** What is not the tessera's is answered by the app, which knows nothing of that path. */
function besideDifferences({ status, headers }: CorpusAnswer): string[] {
  const wrong = status === 404 ? [] : [`status ${String(status)} instead of the app's own 404`];
  if (headers['mcp-session-id'] !== undefined) wrong.push('it has a session');
  return wrong;
}

const subjects: readonly Check[] = SUBJECTS.map((subject) => ({
  name: `Requests about ${subject} are answered as the tessera itself answers them (${String(requestsOf(subject).length)} requests).`,
  run: (bench) => compare(bench, { requests: requestsOf(subject), parseBodies: false }),
}));

const PARSED: readonly CorpusRequest[] = CORPUS.filter(
  (request) => ['requests', 'other messages'].includes(request.subject) && isPlainJson(request),
);

const parsed: Check = {
  name: `Messages that a parser in front has read are answered as the tessera itself answers them (${String(PARSED.length)} requests).`,
  needs: ['parsedBodies'],
  run: (bench) => compare(bench, { requests: PARSED, parseBodies: true }),
};

const size: Check = {
  name: `The corpus has at least ${String(LEAST_REQUESTS)} requests, and their answers ${String(LEAST_STATUSES)} different statuses.`,
  run: async (bench) => {
    expect(CORPUS.length).toBeGreaterThanOrEqual(LEAST_REQUESTS);
    const statuses = new Set<number>();
    for (const subject of SUBJECTS) {
      const asker = askTessera(makeTessera(bench));
      const ids = await openSessions(asker);
      for (const request of requestsOf(subject))
        statuses.add((await asker.ask(aboutSessions(request, ids))).status);
    }
    expect(statuses.size).toBeGreaterThanOrEqual(LEAST_STATUSES);
  },
};

export const corpus: Suite = defineSuite('Corpus', [...subjects, parsed, size]);
