// The one-line server.
export { createPerBearerMcpServer } from './create-per-bearer-mcp-server.js';
export * from '@tessera-mcp/core/per-bearer';

// A tessera on a Node server.
export { serve, type ServeOptions } from './serve.js';
export type { Served } from './listen-http.js';
export { toNodeHandler, type NodeHandler, type NodeHandlerOptions } from './to-node-handler.js';
export { handOverUpgrades, type Upgradable } from './upgrades.js';
export { nodeCallContext } from './node-call-context.js';
export { nodeDigest } from './node-digest.js';

// For adapters of frameworks that stand on Node.
export { closeServer, listenError, listenHttp, SOCKET_LIMITS, type ListenAddress } from './listen-http.js';
export { loopbackBindOf } from './loopback-bind.js';
export { IdleConnections } from './idle-connections.js';
export { OpenResponses } from './open-responses.js';
export { parsedBodyOf } from './parsed-body.js';
export { toServedHandler } from './served-handler.js';
export type { NodeIncoming, NodeOutgoing } from './node-messages.js';
export { nodeErrors, type NodeErrorCode } from './node-errors.js';
