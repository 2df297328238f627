import type { ServerResponse } from 'node:http';
import type { Answer } from '@tessera-mcp/core';

const GRACE_MS = 300;
const POLL_MS = 10;

/** The answers that are being written, so that an app can close without waiting for streams for ever. */
export class OpenResponses {
  readonly #open = new Map<ServerResponse, Answer>();

  add(response: ServerResponse, answer: Answer): void {
    this.#open.set(response, answer);
    response.once('close', () => {
      this.#open.delete(response);
    });
  }

  /** Waits a moment for answers to end by themselves, and ends those that do not, event streams first. */
  async end(): Promise<void> {
    const until = performance.now() + GRACE_MS;
    for (const [response, { headers }] of this.#open) {
      if (String(headers['content-type']).startsWith('text/event-stream')) response.end();
    }
    while (this.#open.size > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    for (const response of this.#open.keys()) response.destroy();
  }
}
