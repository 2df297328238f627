import type { ServerResponse } from 'node:http';

const GRACE_MS = 300;
const POLL_MS = 10;

/** The answers that are being written, so that an app can close without waiting for streams for ever. */
export class OpenResponses {
  readonly #open = new Set<ServerResponse>();

  add(response: ServerResponse): void {
    this.#open.add(response);
    response.once('close', () => {
      this.#open.delete(response);
    });
  }

  /** Waits a moment for answers to end by themselves, and ends those that do not, event streams first. */
  async end(): Promise<void> {
    const until = performance.now() + GRACE_MS;
    for (const response of this.#open) {
      if (String(response.getHeader('content-type')).startsWith('text/event-stream')) response.end();
    }
    while (this.#open.size > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    for (const response of this.#open) response.destroy();
  }
}
