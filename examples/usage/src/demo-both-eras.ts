/* One endpoint, both eras: servers of both SDKs, clients of both eras, and how often servers are made. */
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import { createTessera, generateToken, type McpServerLike } from '@tessera-mcp/core';
import { serve } from '@tessera-mcp/node';
import { callText, connect, show, until } from './check.js';
import { connectStateless } from './eras/clients.js';
import { addCustomer, createChosen, listen, tellOfTools } from './eras/tenants.js';
import { createGreetingServer, text } from './servers.js';

/** The counterpart of the greeting server, written with SDK v2. */
function createModernServer(): McpServerV2 {
  const server = new McpServerV2({ name: 'modern-tools', version: '1.0.0' });
  server.registerTool('greet', { description: 'Greets' }, () => text('Good day from SDK v2'));
  return server;
}

async function showBothEras(): Promise<void> {
  const tessera = createTessera();
  const served = await serve(tessera);
  const url = `${served.origin}/mcp`;
  const factories = { 'SDK v1': () => createGreetingServer('SDK v1'), 'SDK v2': () => createModernServer() };
  for (const [id, createServer] of Object.entries(factories)) {
    const token = generateToken();
    tessera.addTenant({ id, server: () => createServer(), tokens: [token] });
    const inSession = await connect(url, token);
    const stateless = await connectStateless(url, token);
    show('a client of SDK v1, in a session', await callText(inSession, 'greet'), `Good day from ${id}`);
    show('a client of SDK v2, without one', await callText(stateless, 'greet'), `Good day from ${id}`);
    show('its revision', stateless.getNegotiatedProtocolVersion(), '2026-07-28');
    await inSession.close();
    await stateless.close();
  }
  await tessera.close();
  await served.close();
}

async function showServers(): Promise<void> {
  const tessera = createTessera();
  const served = await serve(tessera);
  const url = `${served.origin}/mcp`;
  const [alice, bob] = [generateToken(), generateToken()];
  const log: string[] = [];
  addCustomer(tessera, {
    tokens: [alice, bob],
    log: (line) => log.push(line.replace(/ [\w-]+ in/, ' somebody in')),
    createServerFor: () => createGreetingServer('acme'),
  });
  const stateless = await connectStateless(url, alice);
  for (let call = 0; call < 3; call += 1) await callText(stateless, 'greet');
  show('for three calls', log.splice(0), ['A server for somebody in the stateless era']);
  show('servers that are kept', tessera.getStats().keptServers, 1);
  const again = await connectStateless(url, alice);
  await callText(again, 'greet');
  show('the same user and client, connected anew', log.splice(0), []);
  const other = await connectStateless(url, alice, { answers: {} });
  const others = await connectStateless(url, bob);
  for (const client of [other, others]) await callText(client, 'greet');
  show('another client, and another user', log.splice(0).length, 2);
  const inSession = await connect(url, alice);
  show('a session', log.splice(0), ['A server for somebody in the session era']);

  let heard = 0;
  inSession.setNotificationHandler(ToolListChangedNotificationSchema, () => {
    heard += 1;
  });
  await until('its stream is open', () => tessera.getStats().openStreams === 1);
  await listen(others, () => {
    heard += 1;
  });
  show('streams of changes', tessera.getStats().openListens, 1);
  tellOfTools(tessera);
  await until('both hear of the change', () => heard === 2);
  show('clients of both eras heard of it', heard, 2);
  for (const client of [stateless, again, other, others, inSession]) await client.close();
  await tessera.close();
  await served.close();
}

async function showChoices(createServer: () => McpServerLike, greeting: string): Promise<void> {
  let made = 0;
  const tessera = createChosen((): McpServerLike => {
    made += 1;
    return createServer();
  });
  const served = await serve(tessera);
  const url = `${served.origin}/mcp`;
  const tokenOf = (tenant: string): string => {
    const token = generateToken();
    tessera.addToken(tenant, token);
    return token;
  };
  const anew = await connectStateless(url, tokenOf('new-server-each-time'));
  const before = made;
  for (let call = 0; call < 3; call += 1) await callText(anew, 'greet');
  show('with reuse: false, servers for three calls', made - before, 3);

  const fallen = await connectStateless(url, tokenOf('sessions-only'));
  show(
    'where there are only sessions, clients fall back',
    fallen.getNegotiatedProtocolVersion(),
    '2025-11-25',
  );
  show('and work', await callText(fallen, 'greet'), greeting);
  const refused: unknown = await connect(url, tokenOf('no-sessions')).catch((error: unknown) => error);
  show('where there are none, a client that needs one gets', (refused as { code?: number }).code, 400);
  const { activeSessions } = tessera.getStats();
  show('sessions', activeSessions, 1);
  for (const client of [anew, fallen]) await client.close();
  await tessera.close();
  await served.close();
}

await showBothEras();
await showServers();
await showChoices(() => createGreetingServer('SDK v1'), 'Good day from SDK v1');
await showChoices(() => createModernServer(), 'Good day from SDK v2');
