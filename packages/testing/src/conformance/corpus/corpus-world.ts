import { createTessera, type RandomBytes, type Tessera } from '@tessera-mcp/core';
import { SampleServer } from '../fixtures/sample-server.js';
import { SILENT } from '../fixtures/sample-tessera.js';
import { BODY_BYTES, PAGE, TOKENS } from './corpus-request.js';

/** Any moment does, as long as it is the same for everybody. */
const NOW = Date.UTC(2026, 6, 28);

/** Bytes that look random and come in the same order each time, so that two tesserae give the same ids. */
function seededBytes(): RandomBytes {
  let state = 1;
  return (length) =>
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 24;
    });
}

/** Makes a tessera that answers the same requests in the same way as any other one that is made here. */
export function corpusTessera(): Tessera {
  const tessera = createTessera({
    logger: SILENT,
    randomBytes: seededBytes(),
    clock: { now: () => NOW, monotonic: () => 0 },
    origins: [PAGE],
    limits: {
      bodyBytes: BODY_BYTES,
      sessions: 1000,
      initializeBurst: 1000,
      streams: 1000,
      streamsPerSession: 1000,
    },
    metadata: {
      protectedResource: { authorization_servers: ['https://auth.example.com'], scopes_supported: ['tools'] },
      authorizationServer: {
        issuer: 'https://auth.example.com',
        token_endpoint: 'https://auth.example.com/token',
      },
    },
  });
  const server = (): SampleServer => new SampleServer();
  tessera.addTenant({
    id: 'acme',
    server,
    tokens: [TOKENS.acme, { token: TOKENS.expired, expiresAt: NOW - 1 }],
  });
  tessera.addTenant({ id: 'globex', server, tokens: [TOKENS.globex] });
  tessera.addTenant({ id: 'disabled', server, tokens: [TOKENS.disabled], enabled: false });
  tessera.addTenant({ id: 'small', server, tokens: [TOKENS.small], limits: { sessions: 1 } });
  tessera.addTenant({
    id: 'broken',
    server: () => {
      throw new Error('There is no server.');
    },
    tokens: [TOKENS.broken],
  });
  return tessera;
}
