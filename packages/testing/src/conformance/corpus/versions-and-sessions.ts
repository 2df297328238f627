import { KINDS, TOKENS, varyHeader, withHeaders, type CorpusRequest } from './corpus-request.js';

const VERSIONS: readonly (string | undefined)[] = [
  undefined,
  '',
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
  '2026-07-28',
  '2027-01-01',
  '1999-12-31',
  '2025-11-25x',
  'x2025-11-25',
  '2025-11-25, 2025-06-18',
  '20251125',
  'latest',
  'DRAFT-2026',
  '9'.repeat(300),
];

/** Revisions that clients say they speak. */
export const versions: readonly CorpusRequest[] = varyHeader('protocol versions', 'mcp-protocol-version', {
  values: VERSIONS,
});

const SESSION_IDS: readonly (string | undefined)[] = [
  undefined,
  '',
  '{foreign}',
  '{ended}',
  '{live}x',
  'x{live}',
  '{live}, {live}',
  '"{live}"',
  'nobody',
  '0',
  'null',
  'undefined',
  '__proto__',
  '../{live}',
  '%7Blive%7D',
  'é',
  'x'.repeat(4000),
  '{live}',
];

const NOTIFICATION = { ...KINDS.ping, body: '{"jsonrpc":"2.0","method":"notifications/initialized"}' };

/** Sessions that are the caller's, somebody else's, over, or never were. Ending the open one comes last. */
export const sessionIds: readonly CorpusRequest[] = [
  ...varyHeader('session ids', 'mcp-session-id', {
    values: SESSION_IDS,
    kinds: ['initialize', 'ping', 'listen'],
  }),
  ...SESSION_IDS.map((id, index) => ({
    subject: 'session ids',
    ...NOTIFICATION,
    name: `a notification (${String(index)})`,
    headers: withHeaders(NOTIFICATION.headers, { 'mcp-session-id': id }),
  })),
  ...(['ping', 'listen', 'end'] as const).flatMap((kind) =>
    ['{live}', '{foreign}'].map((id) => ({
      subject: 'session ids',
      ...KINDS[kind],
      name: `${kind} by another tenant: ${id}`,
      headers: withHeaders(KINDS[kind].headers, {
        'mcp-session-id': id,
        authorization: `Bearer ${id === '{live}' ? TOKENS.globex : TOKENS.disabled}`,
      }),
    })),
  ),
  ...varyHeader('session ids', 'mcp-session-id', { values: SESSION_IDS, kinds: ['end'] }),
  { subject: 'session ids', ...KINDS.ping, name: 'ping in a session that was just ended' },
  { subject: 'session ids', ...KINDS.listen, name: 'listen in a session that was just ended' },
];
