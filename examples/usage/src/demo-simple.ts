/* Two users behind one endpoint: each sees tools of their own. */
import { createPerBearerMcpServer, generateToken } from '@tessera-mcp/fastify';
import { callText, connect, show, toolNames } from './check.js';
import { createCalculator, createGreetingServer } from './servers.js';

const alice = generateToken();
const bob = generateToken();

const server = createPerBearerMcpServer()
  .addToken(alice, () => createGreetingServer('Alice'))
  .addToken(bob, () => createCalculator());

const { url } = await server.start();
console.log(`Two users at ${url}`);

const ofAlice = await connect(url, alice);
const ofBob = await connect(url, bob);
show('Alice sees', await toolNames(ofAlice), ['greet']);
show('Alice is greeted', await callText(ofAlice, 'greet'), 'Good day from Alice');
show('Bob sees', await toolNames(ofBob), ['add', 'divide']);
show('Bob adds', await callText(ofBob, 'add', { a: 20, b: 22 }), '42');

await ofAlice.close();
await ofBob.close();
await server.stop();
console.log('Done.');
