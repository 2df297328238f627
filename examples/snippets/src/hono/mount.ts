/* A tessera in a Hono app. */
import type { Tessera } from '@tessera-mcp/core';
import { toHonoHandler } from '@tessera-mcp/hono';
import type { Hono } from 'hono';

export function atThreePlaces(app: Hono, tessera: Tessera): void {
  //#region places
  app.use(toHonoHandler(tessera)); // the endpoint is at /mcp
  app.use('/api/*', toHonoHandler(tessera)); // at /api/mcp
  app.all('/assistant', toHonoHandler(tessera)); // at /assistant
  //#endregion
}

export function behindReader(app: Hono, tessera: Tessera, audit: (message: unknown) => void): void {
  //#region parsed
  app.use(async (c, next) => {
    if (c.req.method === 'POST') audit(await c.req.json());
    await next();
  });
  app.use(toHonoHandler(tessera)); // uses what was read
  //#endregion
}
