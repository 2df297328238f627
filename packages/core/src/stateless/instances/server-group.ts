import type { KeptServer } from './kept-server.js';

/** How many idle servers are kept for one principal and client. */
const MOST_IDLE = 8;

/** A server that is being made, and who waits for it. */
export class ServerBeingMade {
  readonly server: Promise<KeptServer>;
  readonly #unwanted = new AbortController();
  readonly #waiting = new Set<AbortSignal>();

  constructor(first: AbortSignal, build: (signal: AbortSignal) => Promise<KeptServer>) {
    this.join(first);
    this.server = build(this.#unwanted.signal);
  }

  /** Somebody else waits for it too: it is given up when all of them have gone. */
  join(signal: AbortSignal): void {
    this.#waiting.add(signal);
    const onAbort = (): void => {
      this.#waiting.delete(signal);
      if (this.#waiting.size === 0) this.#unwanted.abort();
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  }
}

/** The servers of one principal and client. */
export class ServerGroup {
  readonly subject: string;
  readonly servers: Set<KeptServer> = new Set();
  /** Whether they serve one call at a time. Undefined until there is one. */
  exclusive: boolean | undefined;
  /** The making of the first, while it lasts: whoever comes meanwhile waits for it. */
  building: ServerBeingMade | undefined;
  /** Monotonic milliseconds. */
  lastUsedAt: number = 0;
  /** Counts up: which of two was used later. */
  lastUse: number = 0;
  /** Those that serve one call at a time, and have none. */
  readonly #idle: KeptServer[] = [];

  constructor(subject: string) {
    this.subject = subject;
  }

  /** Whether there is nothing in it. */
  get empty(): boolean {
    return this.servers.size === 0 && this.building === undefined;
  }

  /** Whether something goes on in it. */
  get busy(): boolean {
    return this.building !== undefined || [...this.servers].some((server) => !server.idle);
  }

  /** Begins to make a server. */
  begin(signal: AbortSignal, build: (signal: AbortSignal) => Promise<KeptServer>): ServerBeingMade {
    const building = new ServerBeingMade(signal, build);
    this.building ??= building;
    return building;
  }

  done(building: ServerBeingMade): void {
    if (this.building === building) this.building = undefined;
  }

  add(server: KeptServer): void {
    this.exclusive = server.exclusive;
    this.servers.add(server);
  }

  /** Whether it was in it. */
  delete(server: KeptServer): boolean {
    const index = this.#idle.indexOf(server);
    if (index >= 0) this.#idle.splice(index, 1);
    return this.servers.delete(server);
  }

  /** Nothing goes on any more in a server: whether it is kept. */
  rest(server: KeptServer): boolean {
    if (!server.exclusive || this.#idle.includes(server)) return true;
    if (this.#idle.length >= MOST_IDLE) return false;
    this.#idle.push(server);
    return true;
  }

  /** A server that can have a call now; those that are gone are skipped. */
  ready(): KeptServer | undefined {
    if (this.exclusive === true) {
      for (;;) {
        const server = this.#idle.pop();
        if (server === undefined) return undefined;
        if (!server.retired && !server.closed) return server;
        this.servers.delete(server);
      }
    }
    for (const server of this.servers) if (!server.retired && !server.closed) return server;
    return undefined;
  }
}
