import { createServer, type RequestListener } from 'node:http';
import { describeAdapter, listening } from '@tessera-mcp/testing/conformance';
import express5 from 'express';
import express4 from 'express4';
import { toExpressHandler } from '../src/index.js';

for (const [version, express] of [
  ['4', express4],
  ['5', express5],
] as const) {
  describeAdapter({
    name: `Express ${version}`,
    mount: (mountable, { prefix, parseBodies, before }) => {
      const app = express().use((_request, response, next) => {
        response.set(before);
        next();
      });
      if (parseBodies) app.use(express.json({ limit: '8mb' }));
      app.use(prefix || '/', toExpressHandler(mountable));
      app.get('/beside', (_request, response) => void response.send('beside'));
      app.get('/failing', () => {
        throw new Error('failing');
      });
      return listening(createServer(app as RequestListener), mountable);
    },
  });
}
