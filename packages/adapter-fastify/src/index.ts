// The plugin.
export { FastifyMcpServer, FastifyMcpServer as default } from './plugin.js';
export { getMcpDecorator, getMcpDecorator as getMCPDecorator } from './decorator.js';
export type { McpDecorator } from './decorator.js';
export type { FastifyMcpServerOptions } from './plugin.js';
export { toFastifyHandler, type FastifyHandler } from './to-fastify-handler.js';
export type { FastifyReplyLike, FastifyRequestLike } from './fastify-messages.js';
export {
  TokenBasedServerProvider,
  type AuthInfo,
  type AuthorizationOptions,
  type BearerMiddlewareOptions,
  type BearerTokenProvider,
  type OAuthTokenVerifier,
  type SessionManager,
  type SessionManagerEvents,
  type TokenServerFactory,
} from '@tessera-mcp/core';

// The one-line server.
export { createPerBearerMcpServer } from './create-per-bearer-mcp-server.js';
export * from '@tessera-mcp/core/per-bearer';

// Errors.
export { fastifyErrors, type FastifyErrorCode } from './fastify-errors.js';
