import { toolCall, type Id } from '../../helpers/messages.js';
import type { TestSession } from '../../helpers/session.js';
import { SseReader } from './sse-reader.js';

/** The first version whose clients expect each stream to begin with an event that says where they stand. */
export const PRIMED_VERSION = '2025-11-25';

/** Versions whose streams have event ids and nothing before the first message. */
export const UNPRIMED_VERSIONS = ['2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** Opens a GET stream; with `lastEventId` as a client that comes back. */
export async function listen(session: TestSession, lastEventId?: string): Promise<SseReader> {
  const headers: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const response = await session.get({ headers });
  if (response.status !== 200) throw new Error(`GET was answered with ${String(response.status)}.`);
  return new SseReader(response);
}

/** Calls the tool `work` and reads the answer, once it is known to be a stream. */
export async function callWork(
  session: TestSession,
  { id = 1, text = 'work' }: { readonly id?: Id; readonly text?: string } = {},
): Promise<SseReader> {
  return new SseReader(await session.post(toolCall(id, 'work', text, `token of ${text}`)));
}
