import { describe, expect, it } from 'vitest';
import { CORPUS, missingNeeds, runCheck, SUITES, type Check } from '../src/conformance.js';
import { referenceAdapter, type Defect } from './helpers/reference-mount.js';

const CHECKS: readonly Check[] = SUITES.flatMap(({ checks }) => checks);

/** The one check whose name contains a text. */
function checkNamed(text: string): Check {
  const [found, another] = CHECKS.filter(({ name }) => name.includes(text));
  if (found === undefined || another !== undefined) throw new Error(`Not one check is called "${text}".`);
  return found;
}

/** The checks that find each defect, by a part of their names, and what they say then. */
const FOUND_BY: Readonly<Record<Defect, Readonly<Record<string, RegExp>>>> = {
  joinsCookies: { 'Several cookies are set apart': /a=1; Path/ },
  ignoresBackPressure: { 'A stream is not asked for much more than the client reads': /to be less than/ },
  neverFiresTheSignal: {
    "A client that leaves before the answer fires the request's signal": /signal has not come/,
    'while it uploads fires the signal': /signal has not come/,
  },
  writesBodiesAgain: {
    'A tessera uses what a parser in front has made': /to match object/,
    'A handler finds what a parser in front has made': /expected undefined to deeply equal/,
    'A body that a parser has consumed cannot be read again': /"a":1/,
  },
  buffersStreams: {
    'The headers of a stream arrive before its first chunk': /head of the answer has not come/,
  },
  dropsAHeader: {
    'The GET stream of a tessera has the headers': /no-transform/,
    'Requests about credentials are answered': /124 of 124 requests are answered differently/,
  },
  dropsEarlierHeaders: { 'A header that middleware has set before stays': /undefined, '2', 'ok'/ },
  endsFailedStreams: { 'A stream that fails half-way does not look complete': /like a whole one/ },
  leaksErrors: { 'throws an error is answered with 500, and the client learns nothing': /hunter2/ },
  takesNeighbours: {
    'A plain handler is asked for nothing beside its prefix': /apix: expected 200 to be 404/,
  },
  losesTheQuery: { 'A handler gets the method and the whole URL': /some\/where/ },
  keepsStreamsOpen: { 'An answer that is being written when the app closes arrives whole': /aborted/ },
  forgetsTheBodyOfHead: { 'HEAD of a plain handler ends the stream': /end of the stream has not come/ },
  splitsCharacters: {
    'Characters that are split between chunks arrive whole': /ufffd/,
    'Requests about encodings are answered': /a character of two bytes in two chunks: body/,
  },
  leavesIdleBodies: {
    'A handler that reads a part of the body and gives up': /head of the answer has not come/,
  },
  takesOtherRoutes: {
    'Routes beside a tessera answer before and after': /beside/,
    'What a tessera does not serve is answered': /Nothing here/,
  },
  discardsBodiesEarly: {
    'begins to read the body of 10 bytes': /to be true/,
    'begins to read the body of 1048576 bytes': /to be true/,
  },
  followsWindingPaths: {
    'A plain handler is asked for no path that leads elsewhere': /admin\/x: expected 200 to be 404/,
  },
  trustsLengths: {
    'is longer than its length says': /forged/,
    'is shorter than its length says': /HTTP\/1\.1/,
  },
  forgetsUnwritableStreams: { 'An answer whose headers cannot be written': /end of the stream has not come/ },
  replacesCookies: { 'Cookies and Vary that middleware has set before stay': /before=1/ },
  prefersHandle: { 'An app that has both a fetch and a method called handle': /500/ },
  trustsTheHost: {
    'The path never comes from the Host': /user@evil.com/,
    'Requests about hosts are answered': /evil@localhost": status 500 instead of 400/,
  },
  addsCors: { 'Requests about origins are answered': /access-control-allow-origin: \* is new/ },
  allowsRepeatedHeaders: {
    'A header that may come once and comes twice is refused': /authorization/,
    'Two session ids open nothing': /expected 404 to be 400/,
  },
  remembersCallers: {
    'To a caller of another tenant': /to deeply equal/,
    'To a caller who is another user': /to deeply equal/,
    'removed and tries the session of its sibling': /to deeply equal/,
  },
  tellsSessionsApart: {
    'To a caller with another token of the same tenant': /a call: .* to deeply equal/,
    'The answer about a foreign session has the bytes': /a call: .* to be/,
  },
};

const CASES = Object.entries(FOUND_BY).flatMap(([defect, checks]) =>
  Object.entries(checks).map(([name, reason]) => ({ defect: defect as Defect, name, reason })),
);

describe('The conformance suite', () => {
  it.concurrent.each(CASES)(
    'Finds that a mount $defect, by the check "$name".',
    async ({ defect, name, reason }) => {
      const check = checkNamed(name);
      await expect(runCheck(check, referenceAdapter(defect))).rejects.toThrow(reason);
    },
  );

  it('Names each request of the corpus that is answered differently, and what differs.', async () => {
    const check = checkNamed('Requests about refusals and streams');
    await expect(runCheck(check, referenceAdapter('dropsAHeader'))).rejects.toThrow(
      '\n- one session too many: cache-control: (missing) instead of no-store\n',
    );
  });

  it('Closes what a check has opened, also when it fails.', async () => {
    const adapter = referenceAdapter('joinsCookies');
    await expect(runCheck(checkNamed('Several cookies'), adapter)).rejects.toThrow();
    expect(adapter.origins).toHaveLength(1);
    for (const origin of adapter.origins) await expect(fetch(origin)).rejects.toThrow('fetch failed');
  });

  it('Fails when an app does not close.', async () => {
    const stuck = {
      name: 'stuck',
      mount: () =>
        Promise.resolve({ origin: 'http://127.0.0.1:1', close: () => Promise.reject(new Error('stuck')) }),
    };
    const check: Check = {
      name: 'Mounting is enough.',
      run: async (bench) => {
        await bench.mount({ fetch: () => new Response() });
      },
    };
    await expect(runCheck(check, referenceAdapter())).resolves.toBeUndefined();
    await expect(runCheck(check, stuck)).rejects.toThrow('stuck');
  });

  it('Leaves out what an adapter cannot do, and says what that is.', () => {
    const adapter = {
      ...referenceAdapter(),
      capabilities: { besides: false, prefixes: false, protocol: 'http2' as const },
    };
    expect(missingNeeds(checkNamed('Routes beside a plain handler'), adapter)).toEqual([
      'besides',
      'prefixes',
    ]);
    expect(missingNeeds(checkNamed('Headers that belong to an HTTP/1 connection'), adapter)).toEqual([]);
    expect(
      missingNeeds(checkNamed('Headers that belong to an HTTP/1 connection'), referenceAdapter()),
    ).toEqual(['http2']);
  });

  it('Has a name of its own for every check and for every request.', () => {
    const names = CHECKS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const requests = CORPUS.map(({ subject, name }) => `${subject}: ${name}`);
    expect(requests.filter((name, index) => requests.indexOf(name) !== index)).toEqual([]);
  });
});
