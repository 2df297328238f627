import { defineErrors, type ErrorTable } from '@tessera-mcp/core';

/** The codes of this package. */
export type FastifyErrorCode = 'endpoint_taken' | 'plugin_missing';

const INTERNAL_ERROR = -32603;

/** The error table of this package. */
export const fastifyErrors: ErrorTable<FastifyErrorCode> = defineErrors({
  endpoint_taken: { status: 500, jsonRpcCode: INTERNAL_ERROR, title: 'The plugin serves this path already.' },
  plugin_missing: { status: 500, jsonRpcCode: INTERNAL_ERROR, title: 'The plugin is not registered here.' },
});
