import type { TesseraError } from '../errors/tessera-error.js';
import type { Attempt } from '../servers/attempt.js';
import type { Principal } from '../shared/model.js';
import type { Session } from '../sessions/session.js';

/** A session that is being opened, or gets a new server. */
export interface Opening {
  /** Missing while it is not open. */
  readonly session?: Session;
  readonly principal: Principal;
  readonly attempt: Attempt;
}

/** The servers that sessions of a tenant are waiting for. */
export class Openings {
  readonly #open = new Set<Opening>();

  /** Counts an opening until it is over, however that is. */
  async during<Value>(opening: Opening, work: () => Promise<Value>): Promise<Value> {
    this.#open.add(opening);
    try {
      return await work();
    } finally {
      opening.attempt.finish();
      this.#open.delete(opening);
    }
  }

  /** Stops those of some principals, or all. */
  refuse(refusal: TesseraError, which: (principal: Principal) => boolean = () => true): void {
    for (const { principal, attempt } of this.#open) if (which(principal)) attempt.stop(refusal);
  }

  /** Stops what is being made for a session that nobody needs any more. */
  stopOf(session: Session, refusal: TesseraError): void {
    for (const opening of this.#open) if (opening.session === session) opening.attempt.stop(refusal);
  }
}
