import type { Admission } from '../../limits/admission.js';
import { toBase64Url } from '../../shared/base64url.js';
import type { Principal } from '../../shared/model.js';
import type { Clock, RandomBytes } from '../../shared/platform.js';
import type { Parking, Waiting } from './round.js';

/** A call whose client is about to be asked something. */
export interface AskingCall {
  readonly principal: Principal;
  /** Told when its client gets no question after all. */
  onUnasked: (() => void) | undefined;
}

/** What keeping handlers takes. */
export interface ParkedCallsParts {
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly admission: Admission;
  /** How many may wait: of the tenant, or of each user where many share it. */
  readonly maximum: () => number;
}

interface ParkedCall<Server> {
  readonly run: Waiting;
  readonly principal: Principal;
  readonly server: Server;
  /** Monotonic milliseconds. */
  readonly since: number;
  readonly leave: () => void;
}

const HANDLE_BYTES = 18;
/** For how long a handler waits for its client, in milliseconds. */
const PATIENCE_MS = 60_000;

/** Handlers that wait, without a connection, for what they have asked their clients; each with the server it is of. */
export class ParkedCalls<Server> {
  readonly #parked = new Map<string, ParkedCall<Server>>();
  readonly #parts: ParkedCallsParts;

  constructor(parts: ParkedCallsParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#parked.size;
  }

  /** Keeps a handler for the client of a call; undefined when as many wait as may. */
  park(run: Waiting, call: AskingCall, server: Server): Parking | undefined {
    const { admission, maximum, randomBytes, clock } = this.#parts;
    const { principal } = call;
    const usage = admission.usage(principal);
    if (usage.parked >= maximum()) return undefined;
    usage.parked += 1;
    const handle = toBase64Url(randomBytes(HANDLE_BYTES));
    const leave = (): void => {
      if (this.#parked.delete(handle)) usage.parked -= 1;
    };
    this.#parked.set(handle, { run, principal, server, since: clock.monotonic(), leave });
    call.onUnasked = () => {
      this.#drop(handle, 'The client could not be asked.');
    };
    return { handle, leave };
  }

  /** The server of a handler that waits for this caller. */
  serverOf(handle: string, principal: Principal): Server | undefined {
    return this.#find(handle, principal)?.server;
  }

  /** Takes out a handler, once; somebody else's is not found. */
  take(handle: string, principal: Principal): Waiting | undefined {
    const parked = this.#find(handle, principal);
    parked?.leave();
    return parked?.run;
  }

  /** Gives up the handlers of those who have lost access, or all. */
  dropOf(isGone: (principal: Principal) => boolean, reason: string): void {
    for (const [handle, { principal }] of this.#parked) if (isGone(principal)) this.#drop(handle, reason);
  }

  /** Gives up what has waited for too long. */
  sweep(): void {
    const before = this.#parts.clock.monotonic() - PATIENCE_MS;
    for (const [handle, { since }] of this.#parked) {
      if (since > before) break;
      this.#drop(handle, 'The client did not answer in time.');
    }
  }

  /** Who comes with fewer rights, or others, does not go on with what was begun with these. */
  #find(handle: string, { subject, scopes }: Principal): ParkedCall<Server> | undefined {
    const parked = this.#parked.get(handle);
    if (parked?.principal.subject !== subject) return undefined;
    const begun = parked.principal.scopes;
    return begun.every((scope) => scopes.includes(scope)) ? parked : undefined;
  }

  #drop(handle: string, reason: string): void {
    const parked = this.#parked.get(handle);
    parked?.leave();
    parked?.run.abandon(reason);
  }
}
