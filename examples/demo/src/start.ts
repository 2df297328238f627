/* The demo's three tenants, on port 8080 (or $PORT), until Ctrl-C. */
import { configBlocks } from './config-blocks.js';
import { handshakeSteps } from './handshake.js';
import { setUp } from './set-up.js';

const { server, tokens } = setUp({ port: process.env['PORT'] ?? 8080, logging: true });
const { url } = await server.start();

console.log(`\nThree tenants behind one endpoint: ${url}\n`);
console.log('The handshake, step by step, as the math tenant:\n');
for (const { title, command } of handshakeSteps(url, tokens.math, { tool: 'add', input: { a: 2, b: 3 } })) {
  console.log(`# ${title}\n${command}\n`);
}
for (const [name, token] of Object.entries(tokens)) {
  console.log(`Client configuration for ${name}:\n`);
  for (const { client, file, text } of configBlocks(name, url, token)) {
    console.log(`${client} (${file})\n${text}\n`);
  }
}
console.log('Ready. Ctrl-C stops it, a second Ctrl-C at once.');

let stopping = false;
const stop = (): void => {
  if (stopping) process.exit(130);
  stopping = true;
  console.log('\nStopping.');
  server.stop().then(
    () => {
      console.log('Stopped.');
    },
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
