import { coreError } from '../errors/core-error.js';
import type { CoreErrorCode } from '../errors/core-errors.js';
import { TesseraError } from '../errors/tessera-error.js';
import type { Timers } from '../shared/platform.js';
import { toError } from '../shared/values.js';
import { innerServer, type McpServerLike } from '../shared/mcp-server.js';
import type { ServerFactory, ServerFactoryContext } from './server-factory.js';

/** What one attempt to make a server needs. */
export interface MakeServerRequest {
  readonly factory: ServerFactory;
  readonly context: Omit<ServerFactoryContext, 'signal'>;
  readonly timeoutMs: number;
  /** Fires when nobody waits for the server any more. */
  readonly clientGone?: AbortSignal | undefined;
}

/** Runs server factories: with a time limit, and refusing what cannot be served. */
export class ServerMaker {
  readonly #timers: Timers;
  /** Every server ever returned, so that one instance is never served to two sessions. */
  readonly #seen = new WeakSet<object>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /**
   * @throws `factory_failed`, `factory_timeout`, `invalid_server`, `server_already_connected`, `server_reused`
   * or `client_gone`; a server that arrives too late is closed
   */
  async make(request: MakeServerRequest): Promise<McpServerLike> {
    const { factory, context, timeoutMs, clientGone } = request;
    const abort = new AbortController();
    const running = runFactory(factory, { ...context, signal: abort.signal }).then((made) =>
      this.#check(made, context.tenantId),
    );
    const deadline = new Deadline(this.#timers, timeoutMs, clientGone);
    try {
      return await deadline.race(running, context.tenantId);
    } catch (thrown) {
      abort.abort(thrown);
      running.then(closeQuietly, () => undefined);
      throw thrown;
    }
  }

  #check(made: unknown, tenantId: string): McpServerLike {
    const name = `The server factory of tenant "${tenantId}"`;
    if (!isServer(made)) {
      throw coreError(
        'invalid_server',
        `${name} returned ${describe(made)}. Return a new McpServer (or its .server) from it.`,
      );
    }
    const inner = innerServer(made);
    if (this.#seen.has(inner)) {
      throw coreError(
        'server_reused',
        `${name} returned the same server twice. Construct the McpServer inside the factory, so that each session has its own.`,
      );
    }
    if (inner.transport !== undefined) {
      throw coreError(
        'server_already_connected',
        `${name} returned a server that is connected already. Return it without calling connect().`,
      );
    }
    this.#seen.add(inner);
    return made;
  }
}

/** A time limit over several steps, which also ends when the client goes away. */
export class Deadline {
  readonly #timers: Timers;
  readonly #timeoutMs: number;
  readonly #clientGone: AbortSignal | undefined;

  constructor(timers: Timers, timeoutMs: number, clientGone?: AbortSignal) {
    this.#timers = timers;
    this.#timeoutMs = timeoutMs;
    this.#clientGone = clientGone;
  }

  /** Settles as `running` does, unless time runs out or the client goes away first. */
  race<Value>(running: Promise<Value>, tenantId: string): Promise<Value> {
    return new Promise<Value>((resolve, reject) => {
      const onGone = (): void => {
        settle(() => {
          reject(coreError('client_gone', 'The client went away before its session was open.'));
        });
      };
      const timer = this.#timers.setTimeout(() => {
        settle(() => {
          reject(
            coreError(
              'factory_timeout',
              `The server of tenant "${tenantId}" was not ready after ${String(this.#timeoutMs)} ms. Do slow work inside the tools, or raise limits.factoryMs.`,
            ),
          );
        });
      }, this.#timeoutMs);
      const settle = (finish: () => void): void => {
        this.#timers.clearTimeout(timer);
        this.#clientGone?.removeEventListener('abort', onGone);
        finish();
      };
      if (this.#clientGone?.aborted === true) onGone();
      else this.#clientGone?.addEventListener('abort', onGone);
      running.then(
        (value) => {
          settle(() => {
            resolve(value);
          });
        },
        (thrown: unknown) => {
          settle(() => {
            reject(toError(thrown));
          });
        },
      );
    });
  }
}

const SERVER_FAILURES: ReadonlySet<string> = new Set<CoreErrorCode>([
  'factory_failed',
  'factory_timeout',
  'invalid_server',
  'server_already_connected',
  'server_reused',
]);

/** Whether an error says that a server factory, or the server it made, did not work. */
export function isServerFailure(thrown: unknown): thrown is TesseraError {
  return TesseraError.isInstance(thrown) && SERVER_FAILURES.has(thrown.code);
}

/** Closes a server whose failure to close is of no interest any more. */
export function closeQuietly(server: McpServerLike): void {
  try {
    server.close().then(undefined, () => undefined);
  } catch {
    // A server that cannot be closed has nothing left that could be.
  }
}

async function runFactory(factory: ServerFactory, context: ServerFactoryContext): Promise<unknown> {
  try {
    return await factory(context);
  } catch (thrown) {
    if (TesseraError.isInstance(thrown)) throw thrown;
    const cause = toError(thrown);
    throw coreError(
      'factory_failed',
      `The server factory of tenant "${context.tenantId}" threw: ${cause.message}${hintFor(cause)}`,
      { cause },
    );
  }
}

function hintFor(error: Error): string {
  const aboutSchema = /zod schema|standard schema|inputSchema/i.test(error.message);
  return aboutSchema
    ? ' Tool inputs are Zod schemas: use z.number() where JSON Schema has { type: "number" }.'
    : '.';
}

function isServer(made: unknown): made is McpServerLike {
  if (typeof made !== 'object' || made === null) return false;
  const { connect, close } = made as Partial<McpServerLike>;
  return typeof connect === 'function' && typeof close === 'function';
}

function describe(made: unknown): string {
  if (made === undefined) return 'nothing';
  return made === null ? 'null' : `a ${typeof made} without connect() and close()`;
}
