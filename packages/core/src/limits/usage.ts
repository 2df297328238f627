import { TokenBucket } from './token-bucket.js';

/** What a tenant, or one user of it, has in use. */
export class Usage {
  sessions = 0;
  calls = 0;
  streams = 0;
  listens = 0;
  /** Handlers that wait for their clients. */
  parked = 0;
  queuedBytes = 0;
  readonly bucket: TokenBucket;

  constructor(initializeBurst: number, now: number) {
    this.bucket = new TokenBucket(initializeBurst, now);
  }

  get idle(): boolean {
    return this.sessions + this.calls + this.streams + this.listens + this.parked + this.queuedBytes === 0;
  }
}
