import express from 'express';
import { toExpressHandler } from '@tessera-mcp/express';
import { candidate } from '../shared/harness.mjs';
import { tesseraOf, toldOf } from './tenants.mjs';

/* Tessera in an Express app, without a parser in front: it reads the body itself. */
candidate(async (settings) => {
  const tessera = tesseraOf(settings);
  const app = express();
  app.use(toExpressHandler(tessera));
  const server = app.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { port: server.address().port, ...toldOf(tessera, settings.tenants) };
});
