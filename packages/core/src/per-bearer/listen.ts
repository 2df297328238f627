import type { Tessera } from '../tessera.js';

/** What a framework is asked to listen for. */
export interface ListenRequest {
  readonly tessera: Tessera;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** A framework that listens. */
export interface Listening {
  /** The port that was taken. */
  readonly port: number;
  /** Stops listening and resolves when every connection is gone. */
  close(): Promise<void>;
}

/**
 * How a framework serves a tessera; each adapter with a one-line server brings one. It rejects when it cannot
 * listen, and then leaves nothing behind.
 */
export type Listen = (request: ListenRequest) => Promise<Listening>;
