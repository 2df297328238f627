/* A tessera in an Express app. */
import type { Tessera } from '@tessera-mcp/core';
import { toExpressHandler } from '@tessera-mcp/express';
import express, { type Express } from 'express';

export function atThreePlaces(app: Express, tessera: Tessera): void {
  //#region places
  app.use(toExpressHandler(tessera)); // the endpoint is at /mcp
  app.use('/api', toExpressHandler(tessera)); // at /api/mcp
  app.all('/assistant', toExpressHandler(tessera)); // at /assistant
  //#endregion
}

export function behindParser(app: Express, tessera: Tessera): void {
  //#region parsed
  app.use(express.json());
  app.use(toExpressHandler(tessera)); // uses what the parser has read
  //#endregion
}
