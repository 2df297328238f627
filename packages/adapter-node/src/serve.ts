import { TesseraError, type Mountable } from '@tessera-mcp/core';
import { listenHttp, type Served } from './listen-http.js';
import { isLoopbackAddress } from './loopback-bind.js';
import { nodeErrors } from './node-errors.js';
import { toServedHandler } from './served-handler.js';
import { handOverUpgrades, isUpgradable, type Upgradable } from './upgrades.js';

/** Where to listen. */
export interface ServeOptions {
  /** 0 takes a free one. @default 0 */
  readonly port?: number;
  /** Address to listen on. @default '127.0.0.1' */
  readonly host?: string;
}

/**
 * Serves a tessera, or anything else that answers Web requests, on a server of its own, with `GET /health` and
 * `GET /ready` beside it. What has an `upgrade` method also gets the connections whose clients ask for an upgrade. It
 * installs no signal handlers.
 *
 * @throws `anonymous_bind`, `port_in_use`, `port_not_allowed`, `address_not_available`
 */
export async function serve(
  mountable: Mountable & Partial<Upgradable>,
  options: ServeOptions = {},
): Promise<Served> {
  const { port = 0, host = '127.0.0.1' } = options;
  if ('requiresToken' in mountable && mountable.requiresToken === false && !isLoopbackAddress(host)) {
    throw new TesseraError(
      nodeErrors.anonymous_bind,
      `auth: 'none' lets everybody in, so "${host}" is not listened on. Use "127.0.0.1", or require tokens.`,
    );
  }
  const handler = toServedHandler(mountable);
  const served = await listenHttp(
    (incoming, outgoing) => {
      void handler(incoming, outgoing);
    },
    { port, host },
  );
  if (!isUpgradable(mountable)) return served;
  const endUpgraded = handOverUpgrades(served.server, mountable);
  return {
    ...served,
    close: () => {
      endUpgraded();
      return served.close();
    },
  };
}
