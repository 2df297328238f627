// What an adapter exports beside its own `createPerBearerMcpServer`: everything that its callers need by name.
export { TesseraError } from '../errors/tessera-error.js';
export type { TesseraOptions, TokenPolicy } from '../options.js';
export type { ServerFactory, ServerFactoryContext } from '../servers/server-factory.js';
export type { McpServerLike } from '../shared/mcp-server.js';
export type { Logger } from '../shared/platform.js';
export type { TesseraStats } from '../tessera.js';
export { generateToken } from '../tokens/token.js';
export { clientConfig, type ClientConfigOptions, type McpClientName } from './client-config.js';
export {
  PER_BEARER_EVENT_NAMES,
  type PerBearerEvents,
  type ServerFailedEvent,
  type ServerRegisteredEvent,
  type ServerRemovedEvent,
  type ServerUpdatedEvent,
  type SessionEndedEvent,
  type SessionEvent,
  type ToolCallEvent,
} from './per-bearer-events.js';
export { PerBearerMcpServer } from './per-bearer-mcp-server.js';
export type { OAuthEndpoints, PerBearerMcpServerOptions, ServerStats } from './per-bearer-options.js';
export type { ServerInfo } from './server-info.js';
