/* A service as it would run in production: health, request log, errors to one place, and a graceful end. */
import closeWithGrace from 'close-with-grace';
import { createPerBearerMcpServer, type PerBearerMcpServer, type ServerInfo } from '@tessera-mcp/fastify';
import { createCalculator } from './servers.js';

/** Wraps the server with what operators want to know. */
class CalculatorService {
  readonly #server: PerBearerMcpServer;

  constructor(tokens: readonly string[]) {
    this.#server = createPerBearerMcpServer({
      port: process.env['PORT'] ?? 8080,
      logging: process.env['NODE_ENV'] !== 'production',
      redactTokens: true,
      tokens: { minimumBits: 128 },
    });
    for (const token of tokens) this.#server.addToken(token, () => createCalculator());
    this.#server
      .on('transportError', (sessionId, error) => {
        console.error(`session ${sessionId.slice(0, 6)}…: ${error.message}`);
      })
      .on('serverFailed', ({ token, error }) => {
        console.error(`no server for ${token}: ${error.message}`);
      });
  }

  start(): Promise<ServerInfo> {
    return this.#server.start();
  }

  async stop(): Promise<void> {
    const { activeSessions, registeredTokens } = this.#server.getStats();
    console.log(`Stopping with ${String(activeSessions)} sessions of ${String(registeredTokens)} tokens.`);
    if (this.#server.isRunning()) await this.#server.stop();
  }
}

const service = new CalculatorService(
  (process.env['TOKENS'] ?? '').split(' ').filter((token) => token !== ''),
);
closeWithGrace({ delay: 5000 }, async ({ err }) => {
  if (err) console.error(err);
  await service.stop();
  console.log('Stopped.');
});
const { url } = await service.start();
console.log(`Ready at ${url}`);
