import { randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { candidate } from '../shared/harness.mjs';
import { answerTo } from './answers.mjs';

/* What Fastify costs, with its own parser. */
candidate(async ({ tools }) => {
  const app = Fastify();
  app.post('/mcp', (request, reply) => {
    const body = answerTo(request.body, tools);
    if (body === undefined) return reply.code(202).send();
    if (request.body.method === 'initialize') reply.header('mcp-session-id', randomUUID());
    return reply.type('application/json').send(body);
  });
  app.delete('/mcp', (request, reply) => reply.code(200).send());
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: app.server.address().port };
});
