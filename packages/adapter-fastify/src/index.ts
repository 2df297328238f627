// The plugin.
export { FastifyMcpServer, FastifyMcpServer as default } from './plugin.js';
export { getMcpDecorator, getMcpDecorator as getMCPDecorator } from './decorator.js';
export type { McpDecorator, SessionManager, SessionManagerEvents } from './decorator.js';
export type {
  AuthorizationOptions,
  BearerMiddlewareOptions,
  FastifyMcpServerOptions,
} from './plugin-options.js';
export {
  TokenBasedServerProvider,
  type AuthInfo,
  type BearerTokenProvider,
  type OAuthTokenVerifier,
  type TokenServerFactory,
} from '@tessera-mcp/core';

// The one-line server.
export { createPerBearerMcpServer } from './create-per-bearer-mcp-server.js';
export {
  PER_BEARER_EVENT_NAMES,
  PerBearerMcpServer,
  TesseraError,
  clientConfig,
  generateToken,
  type ClientConfigOptions,
  type McpClientName,
  type OAuthEndpoints,
  type PerBearerEvents,
  type PerBearerMcpServerOptions,
  type ServerFactory,
  type ServerFailedEvent,
  type ServerInfo,
  type ServerRegisteredEvent,
  type ServerRemovedEvent,
  type ServerStats,
  type ServerUpdatedEvent,
  type SessionEndedEvent,
  type SessionEvent,
  type ToolCallEvent,
} from '@tessera-mcp/core';

// Errors.
export { fastifyErrors, type FastifyErrorCode } from './fastify-errors.js';
