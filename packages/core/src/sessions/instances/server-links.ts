import type { ServerLink } from '../../servers/transport.js';
import type { CallTable } from '../calls/call-table.js';

/**
 * The server instances of a session: the one that gets new calls, and those before it that still have some to finish.
 * A session outlives its instances.
 */
export class ServerLinks {
  /** Gets new calls. Missing while none is connected. */
  current: ServerLink | undefined;
  /** Made when a server is replaced for the first time. */
  #finishing: Set<ServerLink> | undefined;
  readonly #calls: CallTable;

  constructor(calls: CallTable) {
    this.#calls = calls;
  }

  /** Puts a new instance in the place of the current one, which is closed when its last call is over. */
  replace(link: ServerLink): void {
    const old = this.current;
    this.current = link;
    if (old === undefined) return;
    this.#finishing ??= new Set();
    this.#finishing.add(old);
    this.closeIfFinished(old);
  }

  /** Closes an instance that was replaced, if it has no call left. */
  closeIfFinished(link: ServerLink): void {
    if (this.#finishing?.has(link) !== true || this.#calls.areOpenOn(link)) return;
    this.#finishing.delete(link);
    link.closeServer();
  }

  /** An instance has closed: whether the session has none any more. */
  closed(link: ServerLink): boolean {
    this.#finishing?.delete(link);
    return link === this.current;
  }

  closeAll(): void {
    const links = [...(this.#finishing ?? []), ...(this.current === undefined ? [] : [this.current])];
    this.#finishing?.clear();
    for (const link of links) link.closeServer();
  }
}
