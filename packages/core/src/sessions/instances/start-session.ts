import { coreError } from '../../errors/core-error.js';
import { TesseraError } from '../../errors/tessera-error.js';
import type { Attempt } from '../../servers/attempt.js';
import type { ServerFactory } from '../../servers/server-factory.js';
import type { ServerMaker } from '../../servers/server-maker.js';
import type { ListMemory } from '../../servers/list-memory.js';
import type { McpServerLike } from '../../shared/mcp-server.js';
import type { MessageExtra } from '../../servers/transport.js';
import { toBase64Url } from '../../shared/base64url.js';
import type { JsonRpcRequest } from '../../shared/json-rpc.js';
import type { Principal } from '../../shared/model.js';
import type { Clock, RandomBytes } from '../../shared/platform.js';
import { toError } from '../../shared/values.js';
import { connectServer } from './connect-server.js';
import { Session, type SessionContext } from '../session.js';

/** What a server is made and asked with. */
export interface StartRequest {
  readonly tenantId: string;
  readonly factory: ServerFactory;
  readonly principal: Principal;
  /** The `initialize` it answers. */
  readonly request: JsonRpcRequest;
  readonly extra: MessageExtra;
  readonly attempt: Attempt;
}

/** What starting a session takes of the platform. */
export interface StartServices {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly maker: ServerMaker;
}

/** How a session is started. */
export interface StartOptions {
  readonly context: SessionContext;
  /** Default: a new one that cannot be guessed. */
  readonly id?: string;
  readonly memoryOf?: (made: McpServerLike) => ListMemory | undefined;
}

/** A session whose server has answered `initialize`; without a record, it has refused. */
export interface StartedSession {
  readonly session: Session;
  /** The answer as JSON. */
  readonly body: string;
}

const SESSION_ID_BYTES = 32;

/**
 * Makes a server, connects it to a session of its own and lets it answer `initialize`. Nobody else knows the session yet.
 *
 * @throws the errors of `ServerMaker.make`, and `factory_failed` for a server that cannot be connected
 */
export async function startSession(
  { tenantId, factory, principal, request, extra, attempt }: StartRequest,
  { clock, randomBytes, maker }: StartServices,
  { context, id, memoryOf = () => undefined }: StartOptions,
): Promise<StartedSession> {
  const server = await maker.make({ factory, attempt, context: { tenantId, principal, era: 'session' } });
  const session = new Session(
    {
      id: id ?? toBase64Url(randomBytes(SESSION_ID_BYTES)),
      principal,
      createdAt: clock.now(),
      startedAt: clock.monotonic(),
    },
    context,
  );
  try {
    const body = await attempt.race(connectServer(session, server, { request, extra, memoryOf }));
    return { session, body };
  } catch (thrown) {
    session.end('serverClosed');
    if (TesseraError.isInstance(thrown) || attempt.stoppedBy !== undefined) throw thrown;
    const cause = toError(thrown);
    throw coreError(
      'factory_failed',
      `The server of tenant "${tenantId}" could not be connected: ${cause.message}.`,
      { cause },
    );
  }
}
