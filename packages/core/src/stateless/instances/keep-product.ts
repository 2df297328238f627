import type { JsonRpcNotification } from '../../shared/json-rpc.js';
import type { Principal } from '../../shared/model.js';
import type { ClientIdentity } from '../envelope.js';
import type { Sdk } from '../sdk.js';
import { KeptServer, type KeptServerParts } from './kept-server.js';
import { markServer } from './mark-server.js';
import type { ModernProduct } from './modern-product.js';
import { StatelessTransport } from './stateless-transport.js';

/** For whom a product is kept, and who hears of it. */
export interface KeepProductOptions extends Pick<
  KeptServerParts,
  'bridged' | 'memory' | 'headerTools' | 'parked'
> {
  readonly principal: Principal;
  readonly client: ClientIdentity;
  /** It has said something that belongs to no call. */
  readonly said: (notification: JsonRpcNotification) => void;
  readonly failed: (thrown: unknown) => void;
}

/** Settles a product's era and connects it; what it says from then on is heard by the server that keeps it, too. */
export async function keepProduct(
  sdk: Sdk,
  modern: ModernProduct,
  { client, said, failed, ...rest }: KeepProductOptions,
): Promise<KeptServer> {
  const place: { server?: KeptServer } = {};
  const transport = new StatelessTransport({
    said: (notification) => {
      place.server?.said(notification);
      said(notification);
    },
    failed,
    closed: () => {
      place.server?.settled(true);
    },
  });
  const description = await markServer(sdk, modern, client);
  const { product, checks } = modern;
  await product.connect(transport as never);
  place.server = new KeptServer({ ...rest, description, product, checks, transport });
  return place.server;
}
