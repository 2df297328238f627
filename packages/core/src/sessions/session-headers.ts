import { JSON_HEADERS } from '../errors/to-answer.js';

/** The headers of a session's answers; made once, because they are needed for every call. */
export interface SessionHeaders {
  readonly json: Readonly<Record<string, string>>;
  readonly stream: Readonly<Record<string, string>>;
  readonly empty: Readonly<Record<string, string>>;
}

/** Headers of an event stream: nothing on the way may keep, change or hold it back. */
const STREAM_HEADERS: Readonly<Record<string, string>> = Object.freeze({
  'content-type': 'text/event-stream',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
});

export function sessionHeaders(sessionId: string): SessionHeaders {
  const own = { 'mcp-session-id': sessionId };
  return {
    json: Object.freeze({ ...JSON_HEADERS, ...own }),
    stream: Object.freeze({ ...STREAM_HEADERS, ...own }),
    empty: Object.freeze({ 'cache-control': 'no-store', ...own }),
  };
}
