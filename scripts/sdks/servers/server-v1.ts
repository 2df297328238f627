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
  readonly server: McpServer['server'] & {
    setRequestHandler(schema: unknown, handle: OnUri): void;
    createMessage(parameters: object, options: Related): Promise<unknown>;
    elicitInput(parameters: object, options: Related): Promise<unknown>;
    listRoots(parameters: undefined, options: Related): Promise<unknown>;
  };
}

interface Related {
  readonly relatedRequestId: string | number;
}

interface Extra {
  readonly signal: AbortSignal;
  readonly requestId: string | number;
  readonly _meta?: { readonly progressToken?: string | number };
  sendNotification(notification: object): Promise<void>;
}

interface Modules extends Pick<ServerDialect<Server>, 'McpServer' | 'completable'> {
  readonly SubscribeRequestSchema: unknown;
  readonly UnsubscribeRequestSchema: unknown;
}

/** How servers are made with a release of version 1. */
export async function makerV1(release: Release): Promise<Maker> {
  const files = ['server/mcp.js', 'server/completable.js', 'types.js'];
  const loaded = await Promise.all(files.map((file) => importFrom(release, `dist/esm/${file}`)));
  const modules = Object.assign({}, ...loaded) as Modules;
  const { z } = requireBeside(release, 'zod') as { z: Zod };
  return makerOf<Server>({
    McpServer: modules.McpServer,
    completable: modules.completable,
    text: () => z.string(),
    fields: (shape) => shape,
    callerOf,
    onSubscriptions: ({ server }, subscribe, unsubscribe) => {
      server.setRequestHandler(modules.SubscribeRequestSchema, subscribe);
      server.setRequestHandler(modules.UnsubscribeRequestSchema, unsubscribe);
    },
  });
}

function callerOf({ server }: Server, extra: Extra): Caller {
  const related = { relatedRequestId: extra.requestId };
  const progressToken = extra._meta?.progressToken;
  const notify = (method: string, params: object): Promise<void> =>
    extra.sendNotification({ method, params });
  return {
    signal: extra.signal,
    progress: (progress) => notify('notifications/progress', { progressToken, progress, total: 3 }),
    log: (level, data) => notify('notifications/message', { level, data }),
    sample: (prompt) => server.createMessage(samplingParameters(prompt), related),
    elicit: (message) => server.elicitInput(elicitationParameters(message), related),
    roots: () => server.listRoots(undefined, related),
  };
}
