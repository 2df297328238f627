import { isServerFailure } from '../../servers/server-maker.js';
import type { Clock } from '../../shared/platform.js';
import type { Principal } from '../../shared/model.js';
import type { KeptServer } from './kept-server.js';
import { ServerGroup } from './server-group.js';

/** Who wants a server, and how one is made. */
export interface ServerRequest {
  /** What it is kept by; undefined when it is not to be kept. */
  readonly key: string | undefined;
  readonly subject: string;
  /** Aborted when it is not wanted any more. */
  readonly signal: AbortSignal;
  /** @param signal aborted when nobody wants it any more */
  readonly build: (signal: AbortSignal) => Promise<KeptServer>;
}

/** How servers are kept. */
export interface KeptServersOptions {
  readonly clock: Clock;
  /** Whether they are kept at all. */
  readonly reuse: boolean;
  readonly keepMs: number;
  /** For how many clients. */
  readonly maximumKeys: number;
  /** And of those, how many of one user. */
  readonly keysPerSubject: number;
}

/** Servers that stay connected, by principal and client: never given to anybody else. */
export class KeptServers {
  readonly #options: KeptServersOptions;
  readonly #groups = new Map<string, ServerGroup>();
  readonly #all = new Set<KeptServer>();
  #uses = 0;

  constructor(options: KeptServersOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#all.size;
  }

  /** A server that can have a call now, if there is one. */
  take(key: string): KeptServer | undefined {
    const group = this.#groups.get(key);
    const server = group?.ready();
    if (group !== undefined && server !== undefined) this.#touch(group);
    return server;
  }

  /**
   * The same, made if there is none. Those who come at the same time wait for the first one, and share it if it can be shared.
   */
  async acquire(request: ServerRequest): Promise<KeptServer> {
    const { key, subject, signal, build } = request;
    if (!this.#options.reuse || key === undefined) return this.#add(undefined, await build(signal));
    for (;;) {
      const group = this.#group(key, subject);
      const ready = group.ready();
      if (ready !== undefined) return ready;
      const { building } = group;
      if (building === undefined || group.exclusive === true) return this.#build(key, group, request);
      building.join(signal);
      // What was stopped for the sake of another caller says nothing of the server.
      await building.server.catch((thrown: unknown) => {
        if (isServerFailure(thrown) || signal.aborted) throw thrown;
      });
    }
  }

  /** Keeps a server that was made by somebody else. */
  adopt(key: string | undefined, subject: string, server: KeptServer): void {
    const isKept = this.#options.reuse && key !== undefined;
    this.#add(isKept ? this.#group(key, subject) : undefined, server);
  }

  /** What is known of the servers of a principal and client: any of them that fits will do. */
  known(key: string | undefined, fits: (server: KeptServer) => boolean = () => true): KeptServer | undefined {
    const group = key === undefined ? undefined : this.#groups.get(key);
    for (const server of group?.servers ?? []) if (!server.closed && fits(server)) return server;
    return undefined;
  }

  /** Forgets the lists that all servers remember. */
  forgetLists(): void {
    for (const { memory } of this.#all) memory?.forget();
  }

  /** Keeps no server of these for later calls; those that are at one finish it. */
  retire(which: (principal: Principal) => boolean): void {
    for (const server of [...this.#all]) if (which(server.principal)) this.#retire(server);
    for (const [key, group] of this.#groups) if (group.empty) this.#groups.delete(key);
  }

  /**
   * Lets go of servers that nobody has used for a while.
   *
   * @param listens whether a user has a stream open on which their servers are heard
   */
  sweep(listens: (subject: string) => boolean): void {
    const before = this.#options.clock.monotonic() - this.#options.keepMs;
    for (const [key, group] of this.#groups) {
      if (group.lastUsedAt <= before && !listens(group.subject)) this.#drop(key, group);
    }
  }

  async #build(key: string, group: ServerGroup, { signal, build }: ServerRequest): Promise<KeptServer> {
    const building = group.begin(signal, build);
    try {
      const server = await building.server;
      // All its like may have been retired while it was made; then it is for this one call.
      return this.#add(this.#groups.get(key) === group ? group : undefined, server);
    } finally {
      group.done(building);
      if (group.empty && this.#groups.get(key) === group) this.#groups.delete(key);
    }
  }

  #add(group: ServerGroup | undefined, server: KeptServer): KeptServer {
    this.#all.add(server);
    if (group === undefined) server.retired = true;
    else group.add(server);
    server.onIdle = () => {
      if (server.retired || group?.rest(server) !== true) this.#retire(server);
    };
    return server;
  }

  #group(key: string, subject: string): ServerGroup {
    const known = this.#groups.get(key);
    const group = known ?? new ServerGroup(subject);
    this.#touch(group);
    if (known !== undefined) return group;
    this.#groups.set(key, group);
    this.#makeRoom(subject, group);
    return group;
  }

  #touch(group: ServerGroup): void {
    group.lastUsedAt = this.#options.clock.monotonic();
    this.#uses += 1;
    group.lastUse = this.#uses;
  }

  /** A user who has many clients pushes out their own servers first. */
  #makeRoom(subject: string, added: ServerGroup): void {
    const { maximumKeys, keysPerSubject } = this.#options;
    let own = 0;
    for (const group of this.#groups.values()) if (group.subject === subject) own += 1;
    if (own > keysPerSubject) this.#dropOldest((group) => group !== added && group.subject === subject);
    else if (this.#groups.size > maximumKeys) this.#dropOldest((group) => group !== added);
  }

  #dropOldest(which: (group: ServerGroup) => boolean): void {
    let oldest: [key: string, group: ServerGroup] | undefined;
    for (const [key, group] of this.#groups) {
      if (!which(group) || group.busy) continue;
      if (oldest === undefined || group.lastUse < oldest[1].lastUse) oldest = [key, group];
    }
    if (oldest !== undefined) this.#drop(...oldest);
  }

  #drop(key: string, group: ServerGroup): void {
    if (group.building !== undefined) return;
    this.#groups.delete(key);
    for (const server of [...group.servers]) this.#retire(server);
  }

  /** Takes it out, so that nobody gets it any more, and closes it; one that is at work when it is done. */
  #retire(server: KeptServer): void {
    server.retired = true;
    for (const [key, group] of this.#groups) {
      if (!group.delete(server)) continue;
      if (group.empty) this.#groups.delete(key);
    }
    if (!server.idle) return;
    this.#all.delete(server);
    server.close();
  }
}
