/* Three tenants, several sessions each, watched through events and statistics. */
import { createPerBearerMcpServer, generateToken } from '@tessera-mcp/fastify';
import { callText, connect, show, toolNames } from './check.js';
import { createCalculator, createGreetingServer, createNotebook } from './servers.js';

const tokens = { calculator: generateToken(), notebook: generateToken(), greeter: generateToken() };
const names = new Map(Object.entries(tokens).map(([name, token]) => [token, name]));

const calls: string[] = [];
const registered: string[] = [];
const server = createPerBearerMcpServer()
  .addToken(tokens.calculator, () => createCalculator())
  .addToken(tokens.notebook, () => createNotebook())
  .addToken(tokens.greeter, () => createGreetingServer('the desk').server)
  .on('serverRegistered', ({ token, serverName, serverVersion }) => {
    registered.push(`${names.get(token) ?? '?'}: ${serverName} ${serverVersion}`);
  })
  .on('toolCalled', ({ token, toolName, success }) => {
    calls.push(`${names.get(token) ?? '?'} ${toolName} ${success ? 'ok' : 'failed'}`);
  });

const { url } = await server.start();
const calculator = await connect(url, tokens.calculator);
const firstNotebook = await connect(url, tokens.notebook);
const secondNotebook = await connect(url, tokens.notebook);
const greeter = await connect(url, tokens.greeter);

show('the calculator has', await toolNames(calculator), ['add', 'divide']);
show('it divides', await callText(calculator, 'divide', { a: 84, b: 2 }), '42');
show('and says what it cannot do', await callText(calculator, 'divide', { a: 1, b: 0 }), 'Division by zero');
show('a notebook fills', await callText(firstNotebook, 'note', { line: 'one' }), '1 lines');
show('and goes on', await callText(firstNotebook, 'note', { line: 'two' }), '2 lines');
show('another session has its own', await callText(secondNotebook, 'note', { line: 'one' }), '1 lines');
show('the greeter greets', await callText(greeter, 'greet'), 'Good day from the desk');

const { registeredTokens, activeServers, activeSessions } = server.getStats();
show(
  'statistics',
  { registeredTokens, activeServers, activeSessions },
  {
    registeredTokens: 3,
    activeServers: 3,
    activeSessions: 4,
  },
);
show('servers', registered, [
  'calculator: calculator 1.0.0',
  'notebook: notebook 1.0.0',
  'greeter: the desk-tools 1.0.0',
]);
show('calls', calls, [
  'calculator divide ok',
  'calculator divide failed',
  'notebook note ok',
  'notebook note ok',
  'notebook note ok',
  'greeter greet ok',
]);

for (const client of [calculator, firstNotebook, secondNotebook, greeter]) await client.close();
await server.stop();
show('running', server.isRunning(), false);
