import type { FastifyError, FastifyInstance, FastifyPluginAsync } from 'fastify';
import {
  TesseraError,
  coreErrors,
  endpointBelow,
  joinPaths,
  placeOfRoute,
  toEndpoint,
  type EndpointOptions,
} from '@tessera-mcp/core';
import { IdleConnections, OpenResponses, nodeCallContext, nodeDigest } from '@tessera-mcp/node';
import { decorate } from './decorator.js';
import { mountedHandler } from './to-fastify-handler.js';

/** Options of the plugin: exactly one of `server`, `authorization.bearerTokenProvider`, `tessera` and `mount`. */
export interface FastifyMcpServerOptions extends EndpointOptions {
  /** Path in front of the endpoint, behind the prefix of the scope it is registered in. Default: none. */
  readonly prefix?: string;
}

/**
 * The outer function only decorates, on the app that registers the plugin. Routes, parsers and hooks live in a
 * register of their own, so that no other route is touched.
 */
async function plugin(app: FastifyInstance, options: FastifyMcpServerOptions): Promise<void> {
  const { mountable, tessera, owned } = toEndpoint(options, {
    digest: nodeDigest,
    callContext: nodeCallContext,
    logger: app.log,
    frameworkOptions: ['prefix', 'logLevel', 'logSerializers'],
  });
  checkDocumentsAreAtRoot(app, options);
  const prefix = joinPaths(app.prefix, options.prefix ?? '');
  const endpoint =
    options.endpoint === undefined
      ? endpointBelow(prefix, tessera?.endpoint ?? '/mcp')
      : joinPaths(prefix, options.endpoint);
  const shutdown = tessera && decorate(app, endpoint, tessera).shutdown;
  const connections = IdleConnections.of(app.server);
  const responses = new OpenResponses();
  const handler = mountedHandler(mountable, { responses });
  // A mount is told its prefix also where its route is the prefix itself.
  const below = mountedHandler(mountable, {
    responses,
    placeOf: (pattern, path) => ({ prefix: placeOfRoute(pattern, path).prefix ?? path }),
  });
  const document = mountedHandler(mountable, { responses, placeOf: () => ({ endpoint }) });
  // Clients look for documents at the root of the origin, where of several endpoints the first one speaks for all.
  const documents = (app.prefix === '' && tessera?.paths({ endpoint }).slice(1)) || [];
  const free = documents.filter((url) => !app.hasRoute({ method: 'GET', url }));

  await app.register(async (scope) => {
    keepBodies(scope);
    const own = (path: string): string => joinPaths(path.slice(app.prefix.length));
    if (tessera !== undefined) scope.all(own(endpoint), handler);
    else for (const path of [prefix, joinPaths(prefix, '*')]) scope.all(own(path), below);
    for (const url of free) scope.all(url, document);
    // A content type that Fastify cannot make sense of is refused by the tessera, after it knows who is calling.
    scope.setErrorHandler(async (error: FastifyError, request, reply) => {
      // Whatever was thrown may come here, with a code of any kind or none.
      if (!String((error as { code?: unknown } | undefined)?.code).startsWith('FST_ERR_CTP_')) throw error;
      return handler(request, reply);
    });
    // Streams would keep the server from closing, so they end before it begins to.
    scope.addHook('preClose', async () => {
      if (owned) await shutdown?.();
      await responses.end();
      connections.end();
    });
    return Promise.resolve();
  });
}

/** The plugin: `app.register(FastifyMcpServer, options)`. */
export const FastifyMcpServer: FastifyPluginAsync<FastifyMcpServerOptions> = Object.assign(plugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'tessera-mcp',
});

/** The body belongs to what is mounted, which reads it bounded and only when it knows who is calling. */
function keepBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, done) => {
    done(null);
  });
}

/** Clients look for the documents at the origin's root, where a prefixed scope cannot put them. */
function checkDocumentsAreAtRoot(app: FastifyInstance, { authorization }: FastifyMcpServerOptions): void {
  if (app.prefix === '' || authorization?.oauth2 === undefined) return;
  throw new TesseraError(
    coreErrors.invalid_option,
    `authorization.oauth2 serves documents at the root of the origin, which the scope "${app.prefix}" does not reach. Register the plugin on the app itself, with prefix: "${app.prefix}".`,
  );
}
