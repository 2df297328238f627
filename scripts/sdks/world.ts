import { createTessera, generateToken, type Answer, type Tessera } from '../../packages/core/src/index.js';
import { serve } from '../../packages/adapter-node/src/index.js';
import type { SdkClient } from './clients/client.js';
import type { Destination } from './clients/open-client.js';
import type { Maker } from './servers/make-server.js';
import { Stage } from './servers/stage.js';

/** A tessera that listens, with one tenant, and a client that is still to be connected. */
export interface World extends Destination {
  readonly tessera: Tessera;
  readonly stage: Stage;
  readonly make: Maker;
  readonly client: SdkClient;
  /** The protocol version of the newest session, as it went over the wire. */
  readonly negotiated: () => string | undefined;
  close(): Promise<void>;
}

/** The one tenant. */
export const TENANT = 'acme';

const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Starts a world on a free port of 127.0.0.1. */
export async function startWorld(make: Maker, open: (to: Destination) => SdkClient): Promise<World> {
  const token = generateToken();
  const stage = new Stage();
  const tessera = createTessera({ logger: SILENT });
  tessera.addTenant({ id: TENANT, server: () => make(stage, { name: 'first' }), tokens: [token] });
  let negotiated: string | undefined;
  const served = await serve({
    serves: tessera.serves,
    handle: async (request, context) => {
      const answer = await tessera.handle(request, context);
      negotiated = versionIn(answer) ?? negotiated;
      return answer;
    },
  });
  const url = `${served.origin}${tessera.endpoint}`;
  const client = open({ url, token });
  return {
    url,
    token,
    tessera,
    stage,
    make,
    client,
    negotiated: () => negotiated,
    close: async () => {
      await client.close();
      await tessera.close();
      await served.close();
    },
  };
}

/** The version that an answer to `initialize` names. No client of version 1 shows it in all releases. */
function versionIn({ body }: Answer): string | undefined {
  if (typeof body !== 'string' || !body.includes('"protocolVersion"')) return undefined;
  return (JSON.parse(body) as { result?: { protocolVersion?: string } }).result?.protocolVersion;
}
