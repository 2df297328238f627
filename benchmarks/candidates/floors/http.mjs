import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { candidate } from '../shared/harness.mjs';
import { answerTo } from './answers.mjs';

/* The floor that everything is measured against: node:http, one parse, one write. */
candidate(async ({ tools }) => {
  const streams = new Set();
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.flushHeaders();
      streams.add(response);
      response.once('close', () => streams.delete(response));
      return;
    }
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => (text += chunk));
    request.on('end', () => {
      if (request.method === 'DELETE') return response.writeHead(200).end();
      const message = JSON.parse(text);
      const body = answerTo(message, tools);
      if (body === undefined) return response.writeHead(202).end();
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      if (message.method === 'initialize') headers['mcp-session-id'] = randomUUID();
      response.writeHead(200, headers).end(body);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    broadcast: () => {
      for (const stream of streams) {
        stream.write(
          'event: message\ndata: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n',
        );
      }
    },
  };
});
