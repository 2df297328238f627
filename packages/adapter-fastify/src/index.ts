export { createPerBearerMcpServer } from './create-per-bearer-mcp-server.js';
export {
  PerBearerMcpServer,
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
