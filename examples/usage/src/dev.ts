/* A Fastify app with the plugin, for trying things out: `pnpm dev` starts it again at every change. */
import closeWithGrace from 'close-with-grace';
import Fastify from 'fastify';
import FastifyMcpServer, {
  TokenBasedServerProvider,
  clientConfig,
  getMcpDecorator,
} from '@tessera-mcp/fastify';
import { createCalculator, createNotebook } from './servers.js';

const provider = new TokenBasedServerProvider()
  .addToken('dev-calculator', () => createCalculator())
  .addToken('dev-notebook', () => createNotebook());

const app = Fastify({ logger: true });
await app.register(FastifyMcpServer, { authorization: { bearerTokenProvider: provider } });
getMcpDecorator(app)
  .getSessionManager()
  .on('sessionCreated', (sessionId) => {
    app.log.info(`session ${sessionId.slice(0, 6)}… opened`);
  });

closeWithGrace({ delay: 2000 }, async ({ err }) => {
  if (err) app.log.error(err);
  await app.close();
});

const origin = await app.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 3000) });
for (const token of provider.getTokens()) {
  console.log(JSON.stringify(clientConfig(token, `${origin}/mcp`, { for: 'vscode', name: token }), null, 2));
}
