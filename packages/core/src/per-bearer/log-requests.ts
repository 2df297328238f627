import type { Logger } from '../shared/platform.js';
import type { Tessera } from '../tessera.js';

/** Writes one line for each request. It never holds a token, a session id or a body. */
export function logRequests(tessera: Tessera, logger: Logger): void {
  tessera.on('requestHandled', ({ method, status, era, duration, tenantId, fingerprint }) => {
    const known = [era, `${duration.toFixed(1)} ms`, tenantId, fingerprint].filter(
      (part) => part !== undefined,
    );
    logger.info(`${printable(method)} ${String(status)} ${known.join(' ')}`);
  });
}

/** A method is whatever the caller sent. */
function printable(method: string): string {
  return method.replace(/[^A-Za-z]/g, '?').slice(0, 16);
}
