import type {
  FastifyError,
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
} from 'fastify';
import { TesseraError, coreErrors, type AuthInfo } from '@tessera-mcp/core';
import { toNodeHandler, type NodeHandler } from '@tessera-mcp/node';
import { decorate } from './decorator.js';
import { IdleConnections } from './idle-connections.js';
import { OpenResponses } from './open-responses.js';
import { toTessera, type FastifyMcpServerOptions } from './plugin-options.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const WELL_KNOWN = '/.well-known/oauth-';

/**
 * The outer function only decorates, on the app that registers the plugin. Routes, parsers and hooks live in a
 * register of their own, so that no other route is touched.
 */
async function plugin(app: FastifyInstance, options: FastifyMcpServerOptions): Promise<void> {
  const { tessera, owned } = toTessera(options, app.log);
  checkDocumentsAreAtRoot(app, options);
  const endpoint = joinPaths(app.prefix, options.prefix ?? '', options.endpoint ?? '/mcp');
  const { shutdown } = decorate(app, endpoint, tessera);
  const connections = new IdleConnections(app.server);
  const handler = toNodeHandler(tessera);
  const responses = new OpenResponses();
  const { authorizationServerOAuthMetadata, protectedResourceOAuthMetadata } =
    options.authorization?.oauth2 ?? {};
  const documents = [
    authorizationServerOAuthMetadata && `${WELL_KNOWN}authorization-server`,
    protectedResourceOAuthMetadata && `${WELL_KNOWN}protected-resource`,
    protectedResourceOAuthMetadata && `${WELL_KNOWN}protected-resource${endpoint}`,
  ].filter((path) => path !== undefined);

  await app.register(async (scope) => {
    keepBodies(scope);
    const serve = serveWith(handler, endpoint, responses);
    const path = joinPaths(options.prefix ?? '', options.endpoint ?? '/mcp');
    scope.route({ method: METHODS, url: path, handler: serve });
    // A content type that Fastify cannot make sense of is refused by the tessera, after it knows who is calling.
    scope.setErrorHandler(async (error: FastifyError, request, reply) => {
      if (!error.code.startsWith('FST_ERR_CTP_')) throw error;
      await serve(request, reply);
    });
    for (const document of documents) scope.route({ method: ['GET', 'HEAD'], url: document, handler: serve });
    // Streams would keep the server from closing, so they end before it begins to.
    scope.addHook('preClose', async () => {
      if (owned) await shutdown();
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

/** The body belongs to the tessera, which reads it bounded and only when it knows who is calling. */
function keepBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, done) => {
    done(null);
  });
}

function serveWith(
  handler: NodeHandler,
  endpoint: string,
  responses: OpenResponses,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    // What other plugins have put on the reply would be lost, because the answer bypasses it.
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    reply.hijack();
    responses.add(reply.raw);
    const parsedBody = request.body ?? undefined;
    await handler(request.raw, reply.raw, {
      endpoint,
      ...(parsedBody === undefined ? {} : { parsedBody }),
      onAuthenticated: (authInfo) => {
        (request.raw as { auth?: AuthInfo }).auth = authInfo;
      },
    });
  };
}

/** Clients look for the documents at the origin's root, where a prefixed scope cannot put them. */
function checkDocumentsAreAtRoot(app: FastifyInstance, { authorization }: FastifyMcpServerOptions): void {
  if (app.prefix === '' || authorization?.oauth2 === undefined) return;
  throw new TesseraError(
    coreErrors.invalid_option,
    `authorization.oauth2 serves documents at the root of the origin, which the scope "${app.prefix}" does not reach. Register the plugin on the app itself, with prefix: "${app.prefix}".`,
  );
}

/** Joins parts of a path with single slashes between them. */
function joinPaths(...parts: readonly string[]): string {
  const names = parts.flatMap((part) => part.split('/')).filter((name) => name !== '');
  return `/${names.join('/')}`;
}
