/* Options of a tessera that the pages about errors name. */
//#region import
import { createTessera } from '@tessera-mcp/core';
//#endregion
import type { Tessera } from '@tessera-mcp/core';
import { serve } from '@tessera-mcp/node';

export function largeBatches(): Tessera {
  //#region batch_too_large
  const tessera = createTessera({ limits: { batchMessages: 50, calls: 100 } });
  //#endregion
  return tessera;
}

export function largeBodies(): Tessera {
  //#region body_too_large
  const tessera = createTessera({ limits: { bodyBytes: 8 * 1024 * 1024 } });
  //#endregion
  return tessera;
}

export function knownOptions(): Tessera {
  //#region invalid_option
  const tessera = createTessera({
    endpoint: '/mcp',
    limits: { totalSessions: 20_000, factoryMs: 5000 },
    origins: ['https://app.example.com'],
  });
  //#endregion
  return tessera;
}

export function namedOrigins(): Tessera {
  //#region origin_not_allowed
  const tessera = createTessera({ origins: ['https://app.example.com', 'http://localhost:5173'] });
  //#endregion
  return tessera;
}

export function manySessions(): Tessera {
  //#region server_full
  const tessera = createTessera({ limits: { totalSessions: 50_000 }, sessions: { idleMs: 600_000 } });
  //#endregion
  return tessera;
}

export function longPauses(): Tessera {
  //#region session_not_found
  const tessera = createTessera({ sessions: { idleMs: 4 * 60 * 60 * 1000 } });
  //#endregion
  return tessera;
}

export async function forThisMachineOnly(): Promise<void> {
  //#region anonymous_bind
  const tessera = createTessera({ auth: 'none' });
  await serve(tessera, { host: '127.0.0.1', port: 8080 });
  //#endregion
}
