import { randomUUID } from 'node:crypto';
import express from 'express';
import { candidate } from '../shared/harness.mjs';
import { answerTo } from './answers.mjs';

/* What Express costs: as it is used (`parser`), and as a router alone (`router`), below which no adapter can go. */
candidate(async ({ tools, mode }) => {
  const app = express();
  if (mode === 'parser') app.use(express.json({ limit: '1mb' }));
  app.post('/mcp', mode === 'parser' ? withParser(tools) : bare(tools));
  app.delete('/mcp', (request, response) => response.writeHead(200).end());
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { port: server.address().port };
});

function withParser(tools) {
  return (request, response) => {
    const body = answerTo(request.body, tools);
    if (body === undefined) return response.status(202).end();
    if (request.body.method === 'initialize') response.set('mcp-session-id', randomUUID());
    response.type('application/json').send(body);
  };
}

function bare(tools) {
  return (request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      const message = JSON.parse(text);
      const body = answerTo(message, tools);
      if (body === undefined) return response.writeHead(202).end();
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      if (message.method === 'initialize') headers['mcp-session-id'] = randomUUID();
      response.writeHead(200, headers).end(body);
    });
  };
}
