import { importFrom, requireBeside, type Release } from '../releases.js';
import {
  makerOf,
  type Maker,
  type McpServer,
  type OnUri,
  type ServerDialect,
  type Zod,
} from './make-server.js';
import { elicitationParameters, samplingParameters, type Caller } from './stage.js';

interface Server extends McpServer {
  readonly server: McpServer['server'] & { setRequestHandler(method: string, handle: OnUri): void };
}

interface Context {
  readonly mcpReq: {
    readonly signal: AbortSignal;
    readonly _meta?: { readonly progressToken?: string | number };
    notify(notification: object): Promise<void>;
    send(request: object): Promise<unknown>;
    requestSampling(parameters: object): Promise<unknown>;
    elicitInput(parameters: object): Promise<unknown>;
  };
}

type Modules = Pick<ServerDialect<Server>, 'McpServer' | 'completable'>;

/** How servers are made with a release of version 2. */
export async function makerV2(release: Release): Promise<Maker> {
  const modules = (await importFrom(release, 'dist/index.mjs')) as Modules;
  const { z } = requireBeside(release, 'zod') as { z: Zod };
  return makerOf<Server>({
    McpServer: modules.McpServer,
    completable: modules.completable,
    text: () => z.string(),
    fields: (shape) => z.object(shape),
    callerOf,
    onSubscriptions: ({ server }, subscribe, unsubscribe) => {
      server.setRequestHandler('resources/subscribe', subscribe);
      server.setRequestHandler('resources/unsubscribe', unsubscribe);
    },
  });
}

function callerOf(_server: Server, { mcpReq }: Context): Caller {
  const progressToken = mcpReq._meta?.progressToken;
  const notify = (method: string, params: object): Promise<void> => mcpReq.notify({ method, params });
  return {
    signal: mcpReq.signal,
    progress: (progress) => notify('notifications/progress', { progressToken, progress, total: 3 }),
    log: (level, data) => notify('notifications/message', { level, data }),
    sample: (prompt) => mcpReq.requestSampling(samplingParameters(prompt)),
    elicit: (message) => mcpReq.elicitInput(elicitationParameters(message)),
    roots: () => mcpReq.send({ method: 'roots/list' }),
  };
}
