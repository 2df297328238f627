import { defineErrors, type ErrorTable } from '@tessera-mcp/core';

/** The codes of this package. */
export type NodeErrorCode =
  'port_in_use' | 'port_not_allowed' | 'address_not_available' | 'anonymous_bind' | 'handler_failed';

const INTERNAL_ERROR = -32603;

/** The error table of this package. */
export const nodeErrors: ErrorTable<NodeErrorCode> = defineErrors({
  port_in_use: { status: 500, jsonRpcCode: INTERNAL_ERROR, title: 'The port is in use.' },
  port_not_allowed: { status: 500, jsonRpcCode: INTERNAL_ERROR, title: 'The port may not be taken.' },
  address_not_available: {
    status: 500,
    jsonRpcCode: INTERNAL_ERROR,
    title: 'The host is no address of this machine.',
  },
  anonymous_bind: {
    status: 500,
    jsonRpcCode: INTERNAL_ERROR,
    title: 'Without tokens, only a loopback address may be listened on.',
  },
  handler_failed: { status: 500, jsonRpcCode: INTERNAL_ERROR, title: 'The mounted handler failed.' },
});
