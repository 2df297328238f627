import { KINDS, POST, TOKENS, varyHeader, withHeaders, type CorpusRequest } from './corpus-request.js';

const { acme, globex, disabled, expired, broken } = TOKENS;

const VALUES: readonly (string | undefined)[] = [
  undefined,
  '',
  'Bearer',
  `bearer ${acme}`,
  `BEARER ${acme}`,
  `Bearer  ${acme}`,
  `Bearer ${globex}`,
  `Bearer ${disabled}`,
  `Bearer ${expired}`,
  `Bearer ${broken}`,
  'Bearer nobody_knows_this_one_and_never_will',
  `Bearer ${acme}x`,
  `Bearer ${acme.slice(0, -1)}`,
  `Bearer ${acme.toUpperCase()}`,
  `Bearer ${acme} ${acme}`,
  `Bearer ${acme},${acme}`,
  `Bearer ${acme}, Bearer ${acme}`,
  `Bearer "${acme}"`,
  `Bearer=${acme}`,
  `Bearer:${acme}`,
  `Bearer\t${acme}`,
  acme,
  `Token ${acme}`,
  `Basic ${btoa(`user:${acme}`)}`,
  'Digest username="x"',
  'Bearer é',
  'Bearer ==',
  `Bearer ${'x'.repeat(3000)}`,
];

const QUERIES: readonly string[] = [
  `access_token=${acme}`,
  `token=${acme}`,
  `x=1&access_token=${acme}`,
  `Access_Token=${acme}`,
  'access_token=',
  `authorization=Bearer%20${acme}`,
];

/** Every way to say, or not to say, who is calling. */
export const credentials: readonly CorpusRequest[] = [
  ...varyHeader('credentials', 'authorization', { values: VALUES }),
  ...QUERIES.flatMap((query) =>
    [undefined, `Bearer ${acme}`].map((authorization) => ({
      subject: 'credentials',
      ...KINDS.initialize,
      name: `a token in the query, ${authorization === undefined ? 'without' : 'with'} a header: ${query}`,
      path: `/mcp?${query}`,
      headers: withHeaders(POST, { authorization }),
    })),
  ),
];
