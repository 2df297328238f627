/* The same in plain JavaScript: whatever a package exports comes from `require` at once, without a promise. */
const assert = require('node:assert/strict');
const { TesseraError, createTessera, generateToken } = require('@tessera-mcp/core');
const { FastifyMcpServer } = require('@tessera-mcp/fastify');
const { createPerBearerMcpServer, TesseraError: sameError } = require('@tessera-mcp/node');
const { McpServer } = require('@modelcontextprotocol/sdk/server/mcp.js');

assert.equal(TesseraError, sameError, 'there is one copy of core');
assert.equal(require('@tessera-mcp/fastify').default, FastifyMcpServer);
assert.equal(typeof createTessera().fetch, 'function');

async function main() {
  const server = createPerBearerMcpServer({ port: 0 });
  server.addToken(generateToken(), () => new McpServer({ name: 'plain', version: '1.0.0' }));
  const { url } = await server.start();
  assert.equal((await fetch(url, { method: 'POST' })).status, 401);
  await server.stop();
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
