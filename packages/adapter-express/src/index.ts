// A tessera in an app of yours.
export { toExpressHandler, type ExpressHandler, type ExpressRequest } from './to-express-handler.js';

// The one-line server.
export { createPerBearerMcpServer } from './create-per-bearer-mcp-server.js';
export * from '@tessera-mcp/core/per-bearer';
