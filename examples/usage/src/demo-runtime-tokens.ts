/* Customers come, change their plan and leave, while the server runs. */
import { createPerBearerMcpServer, generateToken } from '@tessera-mcp/fastify';
import { connect, show, toolNames } from './check.js';
import { createCalculator, createGreetingServer } from './servers.js';

const events: string[] = [];
const server = createPerBearerMcpServer()
  .on('tokenAdded', () => events.push('added'))
  .on('tokenUpdated', () => events.push('updated'))
  .on('tokenRemoved', () => events.push('removed'))
  .on('serverUpdated', ({ oldServerName, newServerName }) =>
    events.push(`${oldServerName} → ${newServerName}`),
  );

const { url } = await server.start();
show('it runs without a token', server.getTokens(), []);

const token = generateToken();
server.addToken(token, () => createGreetingServer('basic'));
const before = await connect(url, token);
show('a customer joins and sees', await toolNames(before), ['greet']);

server.updateToken(token, () => createCalculator());
const after = await connect(url, token);
show('with the new plan a session sees', await toolNames(after), ['add', 'divide']);
show('and so does one that was open', await toolNames(before), ['add', 'divide']);

setTimeout(() => {
  server.removeToken(token);
}, 50);
await new Promise<void>((resolve) => {
  server.once('tokenRemoved', () => {
    resolve();
  });
});
const refused = await after.listTools().then(
  () => 'served',
  (error: unknown) => (error as { code?: number }).code,
);
show('when the customer has left, a request gets', refused, 401);
show('and no session is left', server.getStats().activeSessions, 0);
show('what happened', events, ['added', 'updated', 'basic-tools → calculator', 'removed']);

await before.close();
await after.close();
await server.stop();
