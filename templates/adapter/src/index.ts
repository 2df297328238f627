// A tessera in an app of yours.
export { toTemplateHandler, type TemplateHandler } from './to-template-handler.js';

// The one-line server.
export { createPerBearerMcpServer } from './create-per-bearer-mcp-server.js';
export * from '@tessera-mcp/core/per-bearer';
