import { TesseraError } from '../errors/tessera-error.js';
import type { Attempt } from '../servers/attempt.js';
import { isServerFailure } from '../servers/server-maker.js';
import type { MessageExtra } from '../servers/transport.js';
import type { Caller } from '../shared/caller.js';
import { closedItself } from '../sessions/instances/replay-session.js';
import type { SessionManager } from '../sessions/session-manager.js';
import type { Session } from '../sessions/session.js';
import type { Generations } from './generations.js';
import type { Openings } from './openings.js';

/** What giving sessions new servers takes. */
export interface SessionRenewalParts {
  readonly sessions: SessionManager;
  readonly generations: Generations;
  readonly openings: Openings;
  /** Begins an attempt with the time limit of a server. */
  readonly attempt: () => Attempt;
}

/** Gives sessions the newest server of their tenant, when theirs is outdated or they have none. */
export class SessionRenewal {
  readonly #parts: SessionRenewalParts;

  constructor(parts: SessionRenewalParts) {
    this.#parts = parts;
  }

  /**
   * Lets the newest server take over a session whose server is outdated, or that has none. A session that cannot have the
   * new one keeps the one it has, and the reason is told. Rejects, and the session stays as it is, when it has none and
   * none could be made; when the one that was made will not do, the session ends.
   */
  renew(session: Session, makeServer: Caller['makeServer'], extra: MessageExtra): Promise<void> {
    session.renewal ??= this.#renewAll(session, makeServer, extra).finally(() => {
      session.renewal = undefined;
    });
    return session.renewal;
  }

  async #renewAll(session: Session, makeServer: Caller['makeServer'], extra: MessageExtra): Promise<void> {
    const { generations, openings, attempt: begin } = this.#parts;
    for (let isDone = false; !isDone && session.wantsServer;) {
      const choice = await generations.choose(makeServer);
      const attempt = begin();
      isDone = await openings.during({ principal: session.principal, attempt, session }, () =>
        this.#renewOnce(session, { choice, attempt, extra }),
      );
    }
  }

  /** Whether nothing more is to be done for now. */
  async #renewOnce(
    session: Session,
    {
      choice,
      attempt,
      extra,
    }: {
      readonly choice: Awaited<ReturnType<Generations['choose']>>;
      readonly attempt: Attempt;
      readonly extra: MessageExtra;
    },
  ): Promise<boolean> {
    const { sessions, generations } = this.#parts;
    session.outdated = false;
    try {
      const rebuilt = await sessions.rebuild(session, choice.factory, { extra, attempt });
      if (rebuilt.link.closed) throw closedItself();
      if (!session.ended && choice.isCurrent()) {
        session.renew(rebuilt, extra);
        generations.announce(choice.generation, rebuilt.server);
      } else rebuilt.link.closeServer();
      return false;
    } catch (thrown) {
      if (session.ended) return true;
      if (session.parked) {
        this.#failedToWake(session, thrown);
        return true;
      }
      // Stopped for a reason that says nothing of the server: it takes over another time.
      if (attempt.stoppedBy !== undefined && !isServerFailure(thrown)) {
        session.outdated = true;
        return true;
      }
      generations.reportFailure(thrown);
      session.report(thrown);
      return false;
    }
  }

  /** A session without a server has nothing to keep: it ends when no server can take it over as the client knows it. */
  #failedToWake(session: Session, thrown: unknown): void {
    this.#parts.generations.reportFailure(thrown);
    if (!TesseraError.isInstance(thrown) || thrown.code !== 'server_incompatible') throw thrown;
    session.report(thrown);
    session.end('updated');
  }
}
