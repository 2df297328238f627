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

// A tessera on a Node server.
export { serve, type Served, type ServeOptions } from './serve.js';
export { toNodeHandler, type NodeHandler, type NodeHandlerOptions } from './to-node-handler.js';
export { nodeCallContext } from './node-call-context.js';
export { nodeDigest } from './node-digest.js';

// For adapters of frameworks that stand on Node.
export { closeServer, listenError, SOCKET_LIMITS } from './serve.js';
export { toServedHandler } from './served-handler.js';
export type { NodeIncoming, NodeOutgoing } from './node-messages.js';
export { nodeErrors, type NodeErrorCode } from './node-errors.js';
