// The tessera.
export { createTessera } from './create-tessera.js';
export type { Tessera, TesseraStats, TenantInfo, TokenInfo } from './tessera.js';
export type { TenantOptions, TenantChanges, UpdateOptions } from './tenant-options.js';
export type { TesseraOptions, TokenPolicy } from './options.js';
export type { StatelessOptions } from './stateless/stateless-options.js';
export type { SessionOptions } from './sessions/session-options.js';
export type { StoreOptions } from './sessions/stores/store-options.js';
export type { StorePlace } from './sessions/stores/store-place.js';
export {
  memorySessionStore,
  type SessionStore,
  type StoredSession,
} from './sessions/stores/session-store.js';
export type { SessionRecord } from './sessions/session-record.js';
export type { EventLog, LoggedEvent } from './sessions/streams/event-log.js';
export { memoryEventLog, type MemoryEventLogOptions } from './sessions/streams/memory-event-log.js';

// What adapters translate to and from.
export type { Answer, AnswerHeaders, EdgeHeaders, EdgeRequest, RequestContext } from './shared/edge.js';
export type { EdgeHandler, FetchHandler, Mountable, MountedHandler, MountPlace } from './shared/mount.js';
export { endpointBelow, isEdgeHandler, joinPaths, placeOfRoute } from './shared/mount.js';
export { CONNECTION_HEADERS, answerOf } from './shared/answer-of.js';
export {
  DirectStream,
  type ByteSink,
  type ByteSource,
  type DirectStreamController,
  type DirectStreamSource,
} from './shared/direct-stream.js';
export { parseHost, type HostAndPort } from './shared/host.js';
export { originOf, pathOf } from './shared/edge.js';
export { duplicateHeaderAnswer, toAnswer, type ReportError } from './errors/to-answer.js';
export { bodyAlreadyRead, bodyIncomplete, bodyTooLarge } from './errors/body-errors.js';

// Tokens and callers.
export { generateToken } from './tokens/token.js';
export type { TokenOptions } from './tokens/own-tokens.js';
export type { TokenRecord, TokenRegistry, TokenRegistryListener } from './tokens/token-registry.js';
export type { Era, Principal, ServerIdentity, SessionEndReason } from './shared/model.js';
export { ANONYMOUS_TENANT, type AuthOptions } from './auth/auth-options.js';
export type { MetadataDocuments } from './auth/metadata-documents.js';
export type { BearerTokenListener, BearerTokenProvider, OAuthTokenVerifier } from './auth/token-verifier.js';
export { TokenBasedServerProvider, type TokenServerFactory } from './auth/token-based-server-provider.js';
export type { AuthInfo } from './shared/auth-info.js';
export type { Digest, KeyOptions } from './keys/keys.js';

// Servers and tenants.
export type { ServerFactory, ServerFactoryContext } from './servers/server-factory.js';
export { shareServer, type CallContext } from './servers/shared-server.js';
export type { McpServerLike } from './shared/mcp-server.js';
export type { SessionsOnUpdate } from './tenants/generations.js';
export type { TenantNotifier } from './tenants/tenant-notifier.js';
export { DEFAULT_LIMITS, type Limits, type TenantLimits } from './limits/limits.js';

// What handlers of SDK v1 servers ask clients of MCP 2026-07-28.
export {
  askAs,
  inputRequired,
  inputResponses,
  requestState,
  type HandlerExtra,
  type InputRequest,
  type InputRequired,
  type InputRequiredOptions,
} from './stateless/bridge/handler-helpers.js';

// What programs know and decide of calls.
export type {
  BeforeCall,
  CallHooks,
  CallOutcome,
  HookAnswer,
  HookedCall,
  HookedMethod,
  ToolCaller,
} from './hooks/call-hooks.js';

// Events.
export { EventBus, type EventArguments, type Listener, type ListenerFailure } from './events/event-bus.js';
export { TypedEmitter } from './events/typed-emitter.js';
export {
  TESSERA_EVENT_NAMES,
  type TesseraEvent,
  type TesseraEventArguments,
  type TesseraEvents,
  type TesseraSessionEvent,
  type TokenEvent,
} from './events/tessera-events.js';

// Errors.
export { TesseraError, type TesseraErrorOptions } from './errors/tessera-error.js';
export {
  defineErrors,
  type ErrorDefinition,
  type ErrorKind,
  type ErrorTable,
} from './errors/define-errors.js';
export { coreErrors, type CoreErrorCode } from './errors/core-errors.js';

// Platform.
export type { Clock, Logger, RandomBytes, Timers } from './shared/platform.js';

// An endpoint in an app, for plugins of frameworks.
export { toEndpoint, type Endpoint, type EndpointPlatform } from './endpoint/endpoint-tessera.js';
export type {
  AuthorizationOptions,
  BearerMiddlewareOptions,
  EndpointOptions,
} from './endpoint/endpoint-options.js';
export {
  sessionManagerOf,
  type SessionManager,
  type SessionManagerEvents,
} from './endpoint/session-manager.js';

// The one-line server, for adapters to export with a way to listen.
export { PerBearerMcpServer, type PerBearerPlatform } from './per-bearer/per-bearer-mcp-server.js';
export type { Listen, Listening, ListenRequest } from './per-bearer/listen.js';
export type {
  OAuthEndpoints,
  PerBearerMcpServerOptions,
  ServerStats,
} from './per-bearer/per-bearer-options.js';
export type { ServerInfo } from './per-bearer/server-info.js';
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
} from './per-bearer/per-bearer-events.js';
export { clientConfig, type ClientConfigOptions, type McpClientName } from './per-bearer/client-config.js';
