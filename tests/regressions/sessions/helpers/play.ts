import {
  createTessera,
  generateToken,
  type Tessera,
  type TesseraOptions,
  type TenantOptions,
} from '@tessera-mcp/core';

import { closeLater } from '../../../session-era/helpers/cleanup.js';
import { FakeServer, type Handlers } from './fake-server.js';

/** A tessera with one tenant, `acme`, and what has become of it. */
interface Play {
  readonly tessera: Tessera;
  /** Opens the tenant. */
  readonly token: string;
  /** The servers that were made for the tenant by its first factory. */
  readonly servers: readonly FakeServer[];
  /** What was told as `transportError`. */
  readonly errors: readonly string[];
}

/** Makes a tessera that says nothing, and is closed after the test. */
export function makeTessera(options: TesseraOptions = {}): Tessera {
  const silent = (): void => undefined;
  const logger = { debug: silent, info: silent, warn: silent, error: silent };
  const tessera = createTessera({ logger, ...options });
  closeLater(() => tessera.close());
  return tessera;
}

/** Makes a tessera with the tenant `acme`, whose servers have these handlers. */
export function play(
  options: TesseraOptions = {},
  ofTenant: Partial<TenantOptions> = {},
  handlers: Handlers = {},
): Play {
  const tessera = makeTessera(options);
  const token = generateToken();
  const servers: FakeServer[] = [];
  const errors: string[] = [];
  tessera.on('transportError', ({ error }) => errors.push(error.message));
  const server = (): FakeServer => {
    const made = new FakeServer(handlers);
    servers.push(made);
    return made;
  };
  tessera.addTenant({ id: 'acme', tokens: [token], server, ...ofTenant });
  return { tessera, token, servers, errors };
}

/** Lets everything go on that waits for nothing but its turn. */
export async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
