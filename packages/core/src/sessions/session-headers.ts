import { EMPTY_HEADERS, JSON_HEADERS } from '../errors/to-answer.js';
import { STREAM_HEADERS } from '../shared/sse-connection.js';

/** The headers of a session's answers; made once, because they are needed for every call. */
export interface SessionHeaders {
  readonly json: Readonly<Record<string, string>>;
  readonly stream: Readonly<Record<string, string>>;
  readonly empty: Readonly<Record<string, string>>;
}

export function sessionHeaders(sessionId: string): SessionHeaders {
  const own = { 'mcp-session-id': sessionId };
  return {
    json: Object.freeze({ ...JSON_HEADERS, ...own }),
    stream: Object.freeze({ ...STREAM_HEADERS, ...own }),
    empty: Object.freeze({ ...EMPTY_HEADERS, ...own }),
  };
}
