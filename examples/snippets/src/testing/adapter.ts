//#region adapter
import { createServer } from 'node:http';
import { toExpressHandler } from '@tessera-mcp/express';
import { describeAdapter, listening } from '@tessera-mcp/testing/conformance';
import express from 'express';

describeAdapter({
  name: 'Express 5',
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
    return listening(createServer(app), mountable);
  },
});
//#endregion
