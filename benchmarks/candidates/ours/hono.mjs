import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { toHonoHandler } from '@tessera-mcp/hono';
import { candidate } from '../shared/harness.mjs';
import { tesseraOf, toldOf } from './tenants.mjs';

/* Tessera in a Hono app, listening as its users let it: with (`usual`) and without (`plain`) the listener's own Request and Response. */
candidate(async (settings) => {
  const tessera = tesseraOf({ ...settings, hosts: ['127.0.0.1'] });
  const app = new Hono();
  app.use(toHonoHandler(tessera));
  const options = {
    fetch: app.fetch,
    port: 0,
    hostname: '127.0.0.1',
    overrideGlobalObjects: settings.mode !== 'plain',
  };
  const port = await new Promise((resolve) => {
    serve(options, (address) => resolve(address.port));
  });
  return { port, ...toldOf(tessera, settings.tenants) };
});
