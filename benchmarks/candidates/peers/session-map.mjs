/** A session. @typedef {{ tenant: { token: string, name: string }, server: any, transport: any }} Session */

/** The Map every README of the session era has, and whose each session is: a foreign one is as good as none. */
export class SessionMap {
  /** @type {Map<string, Session>} */
  #sessions = new Map();

  get size() {
    return this.#sessions.size;
  }

  /** @param {string} id @param {Session} session */
  set(id, session) {
    this.#sessions.set(id, session);
  }

  delete(id) {
    this.#sessions.delete(id);
  }

  /** The session by that id, if it is this tenant's. @param {string | undefined} id @param {Session['tenant']} tenant */
  of(id, tenant) {
    const session = this.#sessions.get(id);
    return session?.tenant === tenant ? session : undefined;
  }

  broadcast() {
    for (const { server } of this.#sessions.values()) server.sendToolListChanged();
  }
}

/** What the SDK's own examples answer when a session is not known. */
export const SESSION_NOT_FOUND = {
  jsonrpc: '2.0',
  error: { code: -32001, message: 'Session not found' },
  id: null,
};
