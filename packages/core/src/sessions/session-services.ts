import type { CallHooks } from '../hooks/call-hooks.js';
import type { Hooks } from '../hooks/hooks.js';
import type { Attempt } from '../servers/attempt.js';
import type { ServerFactory } from '../servers/server-factory.js';
import type { ServerMaker } from '../servers/server-maker.js';
import type { ListMemory } from '../servers/list-memory.js';
import type { McpServerLike } from '../shared/mcp-server.js';
import type { MessageExtra } from '../servers/transport.js';
import type { TenantLimits } from '../limits/limits.js';
import type { Answer } from '../shared/edge.js';
import type { JsonRpcRequest } from '../shared/json-rpc.js';
import type { Principal } from '../shared/model.js';
import type { Clock, RandomBytes, Timers } from '../shared/platform.js';
import type { Admission, SharedCaps } from '../limits/admission.js';
import type { Heartbeat } from '../shared/heartbeat.js';
import type { SessionKeeper } from './stores/session-keeper.js';
import type { Session, SessionObserver } from './session.js';
import type { StreamOptions } from './streams/session-streams.js';

/** What the session managers of all tenants share. */
export interface SessionServices {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly randomBytes: RandomBytes;
  readonly heartbeat: Heartbeat;
  readonly streams: StreamOptions;
  readonly maker: ServerMaker;
  /** Where sessions are kept for other processes, if they are. */
  readonly keeper: SessionKeeper | undefined;
  readonly caps: SharedCaps;
  /** The hooks for calls of a tenant that may have some of its own. */
  readonly hooksOf: (own: CallHooks | undefined) => Hooks | undefined;
  readonly limits: { readonly factoryMs: number };
  /** What a caller waits for in vain whose token expires meanwhile. */
  readonly expiredAnswer: Answer;
  /** Milliseconds without use after which a session ends. */
  readonly idleMs: number;
  /** Milliseconds after which a session ends in any case; Infinity for never. */
  readonly lifetimeMs: number;
}

/** Who hears what happens in the sessions of a tenant. */
export type TenantSessionObserver = Pick<SessionObserver, 'callEnded' | 'ended' | 'failed'> & {
  readonly adopted: (session: Session) => void;
  readonly parked: (session: Session) => void;
};

/** What the sessions of a tenant are managed with. */
export interface SessionManagerParts {
  readonly tenantId: string;
  readonly admission: Admission;
  readonly limits: () => TenantLimits;
  /** Milliseconds without a message after which a session's server is closed; Infinity for never. */
  readonly parkAfterMs: number;
  /** Who is asked and told about calls, if anybody is. */
  readonly hooks: Hooks | undefined;
  /** Where the lists of a server are remembered, if they are. */
  readonly memoryOf: (made: McpServerLike) => ListMemory | undefined;
  readonly services: SessionServices;
  readonly observer: TenantSessionObserver;
}

/** What a server is made with, as far as it is known when it is about to be made. */
export interface ServerChoice {
  readonly factory: ServerFactory;
  /** Whether it is still the right one; a session that was opened with another is opened again. */
  readonly isCurrent: () => boolean;
}

/** A client's wish for a session. */
export interface OpenSession<Choice extends ServerChoice = ServerChoice> {
  readonly principal: Principal;
  readonly request: JsonRpcRequest;
  readonly extra: MessageExtra;
  /** Stopped when the session is no longer wanted, or not ready in time. */
  readonly attempt: Attempt;
  /** Asked when the session has been admitted. */
  readonly choose: () => Promise<Choice>;
}

/** What became of it: a session and what it was made with, or none when the server refused `initialize`. */
export interface OpenedSession<Choice extends ServerChoice = ServerChoice> {
  readonly session: Session | undefined;
  readonly choice: Choice;
  /** The answer as JSON. */
  readonly body: string;
}
