import { defineErrors, type ErrorTable } from './define-errors.js';

const SERVER_ERROR = -32000;
const SESSION_NOT_FOUND = -32001;
const UNSUPPORTED_PROTOCOL_VERSION = -32022;
const INVALID_REQUEST = -32600;
const INTERNAL_ERROR = -32603;
const PARSE_ERROR = -32700;

const programming = (title: string): { status: number; jsonRpcCode: number; title: string } => ({
  status: 500,
  jsonRpcCode: INTERNAL_ERROR,
  title,
});

const request = (status: number, title: string): { status: number; jsonRpcCode: number; title: string } => ({
  status,
  jsonRpcCode: SERVER_ERROR,
  title,
});

const refused = (
  status: number,
  oauthError: string,
  title: string,
): { status: number; jsonRpcCode: number; title: string; oauthError: string } => ({
  status,
  jsonRpcCode: SERVER_ERROR,
  oauthError,
  title,
});

/** The codes of this package. */
export type CoreErrorCode =
  | 'invalid_option'
  | 'unknown_event'
  | 'malformed_token'
  | 'weak_token'
  | 'duplicate_token'
  | 'unknown_token'
  | 'duplicate_tenant'
  | 'unknown_tenant'
  | 'invalid_factory'
  | 'factory_failed'
  | 'factory_timeout'
  | 'invalid_server'
  | 'server_already_connected'
  | 'server_reused'
  | 'server_incompatible'
  | 'no_session_for_message'
  | 'already_started'
  | 'not_running'
  | 'start_aborted'
  | 'server_stopping'
  | 'listen_failed'
  | 'body_already_read'
  | 'internal_error'
  | 'not_found'
  | 'method_not_allowed'
  | 'invalid_host'
  | 'host_not_allowed'
  | 'origin_not_allowed'
  | 'duplicate_header'
  | 'missing_token'
  | 'invalid_token'
  | 'malformed_authorization'
  | 'insufficient_scope'
  | 'tenant_disabled'
  | 'not_acceptable'
  | 'unsupported_media_type'
  | 'body_too_large'
  | 'parse_failed'
  | 'batch_not_supported'
  | 'batch_too_large'
  | 'already_initialized'
  | 'session_required'
  | 'session_not_found'
  | 'unsupported_protocol_version'
  | 'unsupported_era'
  | 'too_many_sessions'
  | 'server_full'
  | 'initialize_rate_exceeded'
  | 'too_many_calls'
  | 'too_many_streams'
  | 'too_many_listens'
  | 'draining'
  | 'call_timeout'
  | 'connection_closed'
  | 'client_gone';

/** The error table of this package. A code that was published is never used again for something else. */
export const coreErrors: ErrorTable<CoreErrorCode> = defineErrors({
  // Raised to the program that uses the library.
  invalid_option: programming('An option is unknown or has a value it cannot have.'),
  unknown_event: programming('There is no event of that name.'),
  malformed_token: programming('The token cannot be sent in an Authorization header.'),
  weak_token: programming('The token is easier to guess than the configured minimum allows.'),
  duplicate_token: programming('The token is registered already.'),
  unknown_token: programming('The token is not registered.'),
  duplicate_tenant: programming('A tenant with that id exists already.'),
  unknown_tenant: programming('There is no tenant with that id.'),
  invalid_factory: programming('The server factory is not a function.'),
  already_started: programming('The server is running or starting already.'),
  not_running: programming('The server is not running.'),
  start_aborted: programming('The server was stopped before it had finished starting.'),
  server_stopping: programming('The server is stopping.'),
  listen_failed: programming('The server could not listen on its host and port.'),
  body_already_read: programming('The request body was read before it reached the endpoint.'),
  internal_error: programming('Internal error.'),

  // Raised by a tenant's server factory; the caller sees the title only.
  factory_failed: programming('The server for this token could not be started.'),
  factory_timeout: { ...programming('The server for this token did not start in time.'), status: 504 },
  invalid_server: programming('The server factory returned something that is not an MCP server.'),
  server_already_connected: programming('The server factory returned a server that is connected already.'),
  server_incompatible: programming('The server cannot take over the session.'),
  server_reused: programming('The server factory returned a server that it had returned before.'),
  no_session_for_message: programming('A shared server sent a message that belongs to no session.'),

  // Answers to a request.
  not_found: request(404, 'There is nothing at this path.'),
  method_not_allowed: request(405, 'The method is not allowed at this path.'),
  invalid_host: refused(400, 'invalid_request', 'The Host header is malformed.'),
  host_not_allowed: refused(403, 'host_not_allowed', 'This Host is not served.'),
  origin_not_allowed: refused(403, 'origin_not_allowed', 'This Origin is not served.'),
  duplicate_header: refused(400, 'invalid_request', 'A header that may appear once appears twice.'),
  missing_token: refused(401, 'invalid_token', 'A bearer token is required.'),
  invalid_token: refused(401, 'invalid_token', 'The bearer token is not valid.'),
  malformed_authorization: refused(400, 'invalid_request', 'The Authorization header is malformed.'),
  insufficient_scope: refused(403, 'insufficient_scope', 'The token lacks a scope that is needed here.'),
  tenant_disabled: refused(403, 'access_denied', 'The tenant of this token is disabled.'),
  not_acceptable: request(406, 'The Accept header does not admit what the answer needs.'),
  unsupported_media_type: request(415, 'The body must be application/json.'),
  body_too_large: request(413, 'The body is larger than allowed.'),
  parse_failed: { status: 400, jsonRpcCode: PARSE_ERROR, title: 'The body is not a JSON-RPC message.' },
  batch_not_supported: { status: 400, jsonRpcCode: INVALID_REQUEST, title: 'Batches are not allowed here.' },
  batch_too_large: { status: 400, jsonRpcCode: INVALID_REQUEST, title: 'The batch has too many messages.' },
  already_initialized: {
    status: 400,
    jsonRpcCode: INVALID_REQUEST,
    title: 'The session is initialized already.',
  },
  session_required: request(400, 'The Mcp-Session-Id header is required.'),
  session_not_found: { status: 404, jsonRpcCode: SESSION_NOT_FOUND, title: 'Session not found.' },
  unsupported_protocol_version: request(400, 'The MCP-Protocol-Version is not supported.'),
  unsupported_era: {
    status: 400,
    jsonRpcCode: UNSUPPORTED_PROTOCOL_VERSION,
    title: 'The requested MCP revision is not served here.',
  },
  too_many_sessions: request(429, 'The tenant has as many sessions as it may have.'),
  server_full: request(503, 'The server has as much in use as it may have.'),
  initialize_rate_exceeded: request(429, 'The tenant opens sessions faster than it may.'),
  too_many_calls: request(429, 'The tenant has as many calls in flight as it may have.'),
  too_many_streams: request(429, 'The tenant has as many open streams as it may have.'),
  too_many_listens: request(429, 'The tenant has as many open subscriptions as it may have.'),
  draining: request(503, 'The server is shutting down.'),
  call_timeout: request(200, 'The call took longer than it may.'),
  connection_closed: request(200, 'Connection closed'),
  client_gone: request(499, 'The client went away.'),
});
