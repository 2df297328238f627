import { INITIALIZE, KINDS, LIVE_POST, PING, POST, shown, type CorpusRequest } from './corpus-request.js';

const call = (rest: string): string => `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":${rest}}`;

const IDS: readonly string[] = [
  '0',
  '-0',
  '-1',
  '1',
  '1.0',
  '1e3',
  '1.5',
  '9007199254740991',
  '9007199254740993',
  '1e400',
  '""',
  '"x"',
  '"é"',
  'null',
  'true',
  '{}',
  '[]',
  '[1]',
];

const REQUESTS: readonly string[] = [
  ...IDS.map((id) => `{"jsonrpc":"2.0","id":${id},"method":"ping"}`),
  '{"id":1,"method":"ping"}',
  '{"jsonrpc":"1.0","id":1,"method":"ping"}',
  '{"jsonrpc":2,"id":1,"method":"ping"}',
  '{"jsonrpc":"2.0 ","id":1,"method":"ping"}',
  '{"jsonrpc":null,"id":1,"method":"ping"}',
  '{"jsonrpc":"2.0","id":1}',
  '{"jsonrpc":"2.0","id":1,"method":""}',
  '{"jsonrpc":"2.0","id":1,"method":1}',
  '{"jsonrpc":"2.0","id":1,"method":null}',
  '{"jsonrpc":"2.0","id":1,"method":["ping"]}',
  '{"jsonrpc":"2.0","id":1,"method":"no/such/method"}',
  '{"jsonrpc":"2.0","id":1,"method":"__proto__"}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","params":null}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":1}}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"progressToken":{}}}}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"progressToken":1.5}}}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/related-task":1}}}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2025-11-25"}}}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":1}}}',
  '{"jsonrpc":"2.0","id":1,"method":"server/discover"}',
  '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}',
  '{"jsonrpc":"2.0","id":1,"method":"ping","extra":{"__proto__":{"polluted":true}}}',
  '{"__proto__":{"jsonrpc":"2.0","id":1,"method":"ping"}}',
  '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
  call('{"name":"echo","arguments":{"value":"é€😀"}}'),
  call('{"name":"echo","arguments":{"value":-0}}'),
  call('{"name":"echo","arguments":{"value":1e400}}'),
  call('{"name":"echo","arguments":{"value":"\\ud800"}}'),
  call('{"name":"echo","arguments":{"value":"\\u0000"}}'),
  call('{"name":"steps","arguments":{"value":"streamed"}}'),
  call('{"name":"fail"}'),
  call('{"name":"nothing"}'),
];

const NOTIFICATIONS_AND_ANSWERS: readonly string[] = [
  '{"jsonrpc":"2.0","method":"notifications/initialized"}',
  '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}',
  '{"jsonrpc":"2.0","method":"notifications/unheard-of","params":{}}',
  '{"jsonrpc":"2.0","method":"ping"}',
  '{"jsonrpc":"2.0","method":"notifications/x","params":[]}',
  '{"jsonrpc":"2.0","id":5,"result":{}}',
  '{"jsonrpc":"2.0","id":"5","result":{"x":1}}',
  '{"jsonrpc":"2.0","id":5,"result":null}',
  '{"jsonrpc":"2.0","id":5,"result":"x"}',
  '{"jsonrpc":"2.0","id":null,"result":{}}',
  '{"jsonrpc":"2.0","id":5,"error":{"code":1,"message":"x"}}',
  '{"jsonrpc":"2.0","id":5,"error":{"code":1,"message":"x","data":[1]}}',
  '{"jsonrpc":"2.0","id":5,"error":{"code":1.5,"message":"x"}}',
  '{"jsonrpc":"2.0","id":5,"error":{"code":1}}',
  '{"jsonrpc":"2.0","id":5,"error":"x"}',
  '{"jsonrpc":"2.0","id":5,"result":{},"error":{"code":1,"message":"x"}}',
  '{"jsonrpc":"2.0","result":{}}',
];

const BATCHES: readonly string[] = [
  '[]',
  `[${PING}]`,
  `[${PING},${PING}]`,
  `[${PING},{"jsonrpc":"2.0","method":"notifications/initialized"}]`,
  '[{"jsonrpc":"2.0","method":"notifications/initialized"}]',
  '[{"jsonrpc":"2.0","id":5,"result":{}}]',
  '[1]',
  '[[]]',
  '[null]',
  `[${PING},1]`,
  `[${INITIALIZE}]`,
  `[${PING},${INITIALIZE}]`,
  `[${Array.from({ length: 21 }, () => PING).join(',')}]`,
];

const VALUES: readonly string[] = [
  'null',
  'true',
  'false',
  '1',
  '-1.5e3',
  '"text"',
  '{}',
  '{"jsonrpc":"2.0"}',
];

const INITIALIZES: readonly string[] = [
  INITIALIZE,
  INITIALIZE.replace('2025-11-25', '2025-03-26'),
  INITIALIZE.replace('2025-11-25', '2026-07-28'),
  INITIALIZE.replace('2025-11-25', '1999-01-01'),
  INITIALIZE.replace('"2025-11-25"', '1'),
  '{"jsonrpc":"2.0","id":1,"method":"initialize"}',
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}',
  '{"jsonrpc":"2.0","id":1,"method":"initialize","params":[]}',
  '{"jsonrpc":"2.0","method":"initialize","params":{}}',
];

const inSession = (subject: string, bodies: readonly string[]): CorpusRequest[] =>
  bodies.map((body, index) => ({
    subject,
    ...KINDS.ping,
    body,
    name: shown(body, index),
    headers: LIVE_POST,
  }));

/** JSON-RPC requests, right and wrong ones. */
export const requests: readonly CorpusRequest[] = inSession('requests', REQUESTS);

/** What wants no answer, or is one. */
export const otherMessages: readonly CorpusRequest[] = [
  ...inSession('other messages', [...NOTIFICATIONS_AND_ANSWERS, ...BATCHES, ...VALUES]),
  ...INITIALIZES.flatMap((body, index) =>
    [POST, LIVE_POST].map((headers) => ({
      subject: 'other messages',
      ...KINDS.initialize,
      body,
      name: `initialize ${headers === POST ? 'without' : 'with'} a session (${String(index)})`,
      headers,
    })),
  ),
];
