import type { Tessera } from '@tessera-mcp/core';
import { request, textOf } from '../../session-era/helpers/messages.js';
import { callOf, edgeRequest, messagesOf } from './client.js';

/** Who asks, and in which session. */
export interface Asker {
  readonly tessera: Tessera;
  readonly token: string;
  readonly session: string;
}

/** What a call came to: the text of its result, or what was wrong. */
export interface CallOutcome {
  readonly text?: string;
  readonly wrong?: string;
}

/** Calls a tool. Everything but one plain result of this very call is wrong. */
export async function callTool(
  { tessera, token, session }: Asker,
  { id, name, text = '', bodyTakes = 0 }: { id: number; name: string; text?: string; bodyTakes?: number },
): Promise<CallOutcome> {
  const message = callOf(id, name, text);
  const answer = await tessera.handle(edgeRequest({ token, session, message, bodyTakes }));
  if (answer.status !== 200) return { wrong: `${String(answer.status)} ${JSON.stringify(answer.body)}` };
  if (answer.headers['mcp-session-id'] !== session) return { wrong: 'another session id' };
  const messages = (await messagesOf(answer)).filter(({ method }) => method === undefined);
  const [only] = messages;
  const isFine = messages.length === 1 && only?.id === id && only.result?.isError !== true;
  const said = isFine ? textOf(only) : undefined;
  return said === undefined ? { wrong: JSON.stringify(messages) } : { text: said };
}

/** The names of a session's tools. */
export async function toolsOf({ tessera, token, session }: Asker, id: number): Promise<string[]> {
  const message = request(id, 'tools/list');
  const answer = await tessera.handle(edgeRequest({ token, session, message }));
  if (answer.headers['mcp-session-id'] !== session) throw new Error('The list came with another session id.');
  const [list] = await messagesOf(answer);
  return (list?.result?.tools ?? []).map(({ name }) => name);
}
