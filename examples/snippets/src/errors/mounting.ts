/* Mounting in the pages about errors. */
import express, { type Express } from 'express';
import type { Tessera } from '@tessera-mcp/core';
import { toExpressHandler } from '@tessera-mcp/express';
import { toNodeHandler } from '@tessera-mcp/node';

export function behindParser(app: Express, tessera: Tessera): void {
  //#region body_already_read
  const handler = toNodeHandler(tessera);
  app.use(express.json());
  app.all('/mcp', (req, res) => handler(req, res, { parsedBody: req.body }));
  //#endregion
}

export function withWholePath(app: Express, tessera: Tessera): void {
  //#region not_found
  app.use(toExpressHandler(tessera));
  //#endregion
}
