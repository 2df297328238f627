/* The main job, narrated. Every line is checked as it is printed; the first surprise ends the demo with exit code 1. */
import { PER_BEARER_EVENT_NAMES, generateToken } from '@tessera-mcp/fastify';
import { connectV1, connectV2, failureStatus, type DemoClient } from './clients.js';
import { Mismatch, chapter, tell, until } from './narrate.js';
import { createBiggerMathServer, createGuestServer } from './servers.js';
import { setUp, type DemoTokens } from './set-up.js';

const DISCOVER_ANSWER = 'server/discover → 200, supported: 2026-07-28';
const SPOKEN = { 'sdk 1.32': 'session era, MCP 2025-11-25', 'client 2.4': 'stateless era, MCP 2026-07-28' };

const TENANTS = [
  { name: 'math', tools: ['add'], tool: 'add', input: { a: 2, b: 3 }, says: '5' },
  {
    name: 'time',
    tools: ['year-of-epoch', 'sleep'],
    tool: 'year-of-epoch',
    input: { zone: 'UTC' },
    says: '1970',
  },
  { name: 'data', tools: ['read', 'erase'], tool: 'read', input: { key: 'greeting' }, says: 'hello' },
] as const;

/** Tokens are long and secret; the story calls them by their tenants' names. */
function recordEvents(server: ReturnType<typeof setUp>['server'], names: Map<string, string>): string[] {
  const came: string[] = [];
  for (const event of PER_BEARER_EVENT_NAMES) {
    server.on(event, (...payload: unknown[]) => {
      const [first] = payload;
      const { token, toolName } = (typeof first === 'object' ? first : { token: first }) as Record<
        string,
        string
      >;
      const about = [names.get(token ?? ''), toolName].filter((part) => part !== undefined);
      came.push([event, ...about].join(' '));
    });
  }
  return came;
}

async function connectAll(url: string, tokens: DemoTokens): Promise<Map<string, DemoClient[]>> {
  const clients = new Map<string, DemoClient[]>();
  for (const { name, tools, tool, input, says } of TENANTS) {
    const own = [await connectV1(url, tokens[name]), await connectV2(url, tokens[name])];
    for (const client of own) {
      for (const probe of client.probes) tell(`${name}, ${client.sdk}, asks first`, probe, DISCOVER_ANSWER);
      tell(`${name}, ${client.sdk}, speaks`, client.speaks, SPOKEN[client.sdk]);
      tell(`${name}, ${client.sdk}, lists`, await client.toolNames(), tools);
      tell(`${name}, ${client.sdk}, calls ${tool}`, await client.callTool(tool, input), says);
    }
    clients.set(name, own);
  }
  return clients;
}

async function showIsolation(
  url: string,
  tokens: DemoTokens,
  clients: Map<string, DemoClient[]>,
): Promise<void> {
  const theirs = clients.get('time')?.[0]?.sessionId ?? '';
  const request = async (sessionId: string): Promise<string> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokens.math}`,
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'mcp-session-id': sessionId,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    });
    return `${String(response.status)} ${await response.text()}`;
  };
  const foreign = await request(theirs);
  tell("math's token with time's session id", foreign.slice(0, 3), '404');
  tell('which looks exactly like an unknown one', foreign === (await request('no-such-session')), true);
}

async function story(): Promise<void> {
  let sleeping = 0;
  const { server, tokens } = setUp({}, () => {
    sleeping += 1;
  });
  const guest = generateToken();
  const names = new Map(Object.entries({ ...tokens, guest }).map(([name, token]) => [token, name]));
  const events = recordEvents(server, names);
  const { url, port } = await server.start();
  const open: DemoClient[] = [];
  try {
    chapter(`One endpoint, three tokens: ${url}`);
    tell('registered tokens', server.getTokens().length, 3);
    const clients = await connectAll(url, tokens);
    open.push(...[...clients.values()].flat());
    tell('active sessions: the stateless era has none', server.getStats().activeSessions, 3);

    chapter('A token sees only its own');
    await showIsolation(url, tokens, clients);
    const stranger = fetch(url, { method: 'POST', headers: { authorization: `Bearer ${generateToken()}` } });
    tell('an unknown token gets', (await stranger).status, 401);

    chapter('A tool asks back, in both eras');
    for (const client of clients.get('data') ?? [])
      tell(
        `data, ${client.sdk}, calls erase and is asked`,
        await client.callTool('erase', {}),
        '0 values left',
      );

    chapter('A tenant joins while the server runs');
    server.addToken(guest, () => createGuestServer());
    const guestClient = await connectV2(url, guest);
    open.push(guestClient);
    tell('guest, client 2.4, speaks', guestClient.speaks, SPOKEN['client 2.4']);
    tell('guest lists', await guestClient.toolNames(), ['welcome']);
    tell('guest calls welcome', await guestClient.callTool('welcome', {}), 'welcome');

    chapter('A tenant gets a bigger plan');
    const bigger = ['add', 'multiply'];
    const [inSession, stateless] = clients.get('math') ?? [];
    const before = inSession?.sessionId;
    server.updateToken(tokens.math, () => createBiggerMathServer());
    const upgraded = await connectV1(url, tokens.math);
    open.push(upgraded);
    tell('a new session lists', await upgraded.toolNames(), bigger);
    tell('and multiplies', await upgraded.callTool('multiply', { a: 6, b: 7 }), '42');
    tell('a session from before lists them, too', await inSession?.toolNames(), bigger);
    tell('under the same session id', inSession?.sessionId === before, true);
    tell('and so does a client without a session', await stateless?.toolNames(), bigger);

    chapter('A tenant is removed, with a call in flight in each era');
    const removed = clients.get('time') ?? [];
    const cutOff = removed.map((client) => failureStatus(client.callTool('sleep', {})));
    await until('the calls arrive', () => sleeping === removed.length);
    server.removeToken(tokens.time);
    tell(
      'its sessions are gone',
      server.getActiveSessions().filter(({ token }) => token === tokens.time),
      [],
    );
    for (const [index, client] of removed.entries()) {
      tell(`its call in the ${client.speaks}, was cut off with`, await cutOff[index], 401);
      tell('its next request gets', await failureStatus(client.toolNames()), 401);
    }
    tell('everybody else still works', await guestClient.callTool('welcome', {}), 'welcome');

    chapter('Final statistics');
    const { uptime, tokens: shown, sessions, ...stats } = server.getStats();
    tell('counts', stats, { registeredTokens: 3, activeServers: 3, activeSessions: 3 });
    tell(
      'tokens',
      shown.map((token) => names.get(token)),
      ['math', 'data', 'guest'],
    );
    tell('sessions', sessions.map(({ serverName }) => serverName).sort(), [
      'data-tools',
      'math-tools',
      'math-tools-plus',
    ]);
    tell('it has been up for more than no time', uptime > 0, true);
  } finally {
    for (const client of open) await client.close();
    if (server.isRunning()) await server.stop();
  }

  chapter('The events, as they came');
  EXPECTED_EVENTS.forEach((expected, index) => {
    tell(String(index + 1).padStart(2), events[index] ?? 'nothing', expected);
  });
  tell('events in all', events.length, EXPECTED_EVENTS.length);
  tell(
    'the port is free again',
    await failureOf(fetch(`http://127.0.0.1:${String(port)}/health`)),
    'fetch failed',
  );
}

async function failureOf(request: Promise<unknown>): Promise<string> {
  return request.then(
    () => 'no failure',
    (error: unknown) => (error as Error).message,
  );
}

/** `sessionCreated` comes of clients of the session era only, `toolCalled` of both. */
const EXPECTED_EVENTS = [
  'started',
  ...TENANTS.flatMap(({ name, tool }) => [
    `serverRegistered ${name}`,
    `sessionCreated ${name}`,
    `toolCalled ${name} ${tool}`,
    `toolCalled ${name} ${tool}`,
  ]),
  // One in the session, and two rounds without one: the first asks, the second brings the answer.
  ...Array<string>(3).fill('toolCalled data erase'),
  'tokenAdded guest',
  'serverRegistered guest',
  'toolCalled guest welcome',
  'tokenUpdated math',
  'serverUpdated math',
  'sessionCreated math',
  'toolCalled math multiply',
  'toolCalled time sleep',
  'sessionEnded time',
  'toolCalled time sleep',
  'serverRemoved time',
  'tokenRemoved time',
  'toolCalled guest welcome',
  ...['math', 'math', 'data'].map((name) => `sessionEnded ${name}`),
  'stopped',
];

const startedAt = performance.now();
try {
  await story();
  console.log(`\nAll as told, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
} catch (error) {
  console.error(error instanceof Mismatch ? `\nNot as told: ${error.message}` : error);
  process.exitCode = 1;
}
