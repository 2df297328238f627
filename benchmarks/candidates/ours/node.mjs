import { serve } from '@tessera-mcp/node';
import { candidate } from '../shared/harness.mjs';
import { tesseraOf, toldOf } from './tenants.mjs';

/* Tessera on node:http. */
candidate(async (settings) => {
  const tessera = tesseraOf(settings);
  const { port } = await serve(tessera);
  return { port, ...toldOf(tessera, settings.tenants) };
});
