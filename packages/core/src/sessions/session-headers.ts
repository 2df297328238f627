import { EMPTY_HEADERS, JSON_HEADERS } from '../errors/to-answer.js';
import { STREAM_HEADERS } from '../shared/sse-connection.js';
import type { AnswerHeaders } from '../shared/edge.js';
import { joined } from '../shared/values.js';

/** The headers of a session's answers. They are made for each answer: of many sessions few are in use, and kept ones would add up. */
export class SessionHeaders {
  readonly #sessionId: string;

  constructor(sessionId: string) {
    this.#sessionId = sessionId;
  }

  get json(): AnswerHeaders {
    const { vary, 'content-type': type, 'cache-control': caching } = JSON_HEADERS;
    return { 'content-type': type, 'cache-control': caching, vary, 'mcp-session-id': this.#sessionId };
  }

  get stream(): AnswerHeaders {
    return joined(STREAM_HEADERS, { 'mcp-session-id': this.#sessionId });
  }

  get empty(): AnswerHeaders {
    return joined(EMPTY_HEADERS, { 'mcp-session-id': this.#sessionId });
  }
}
