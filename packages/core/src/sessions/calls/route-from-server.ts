import {
  isRequest,
  isResponse,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcRequest,
} from '../../shared/json-rpc.js';
import type { SendOptions, ServerLink } from '../../servers/transport.js';
import type { Call } from './call-table.js';
import { isBelowLogLevel } from '../session-record.js';
import type { Session } from '../session.js';

/** Takes a message from a session's server to where it belongs. Ids are those of the session's calls. */
export function routeFromServer(
  session: Session,
  link: ServerLink,
  said: JsonRpcMessage,
  { relatedRequestId }: SendOptions,
): void {
  if (isResponse(said)) {
    const call = session.calls.get(said.id);
    if (call === undefined) return;
    if ('result' in said) call.remember?.(said.result);
    session.calls.settle(call, said);
    return;
  }
  if (said.method.endsWith('/list_changed')) link.memory?.forget();
  const message = session.calls.shaped(said);
  const related = session.calls.get(relatedRequestId);
  if (!isRequest(message) && message.method === 'notifications/cancelled') takeBack(session, link, message);
  else if (isRequest(message)) ask(session, link, message, related);
  // What belongs to a call that is over has nowhere to go; no other stream may carry it.
  else if (related !== undefined || relatedRequestId === undefined) tell(session, message, related);
}

function ask(session: Session, link: ServerLink, request: JsonRpcRequest, related: Call | undefined): void {
  // A question with nowhere to go is put to the newest waiting call, so that clients without a GET stream see it.
  const place = related ?? (session.streamCount === 0 ? session.calls.newest() : undefined);
  const tellThere = (message: JsonRpcMessage): boolean =>
    place?.sink.send(message) === true || session.streams.send(message);
  const asked = session.outbound.ask(request, { transport: link, tell: tellThere });
  try {
    if (!tellThere(asked)) session.streams.queue(asked);
  } catch (thrown) {
    // It cannot be written as JSON, so nobody will ever answer it.
    session.outbound.forget(asked.id);
    throw thrown;
  }
}

function tell(session: Session, notification: JsonRpcNotification, related: Call | undefined): void {
  const { method, params } = notification;
  if (method === 'notifications/message' && isBelowLogLevel(session.record, params?.['level'])) return;
  if (related !== undefined) related.sink.send(notification);
  else session.tell(notification);
}

/** A server no longer wants an answer: the client is told where it was asked, under the id it knows. */
function takeBack(session: Session, link: ServerLink, notification: JsonRpcNotification): void {
  const serverId = notification.params?.['requestId'];
  const asked = session.outbound.findOf(link, serverId);
  if (asked === undefined) return;
  session.outbound.remove(asked);
  // A question that nobody has seen is simply not asked; of any other the client hears, there or at its next stream.
  if (session.openStreams?.unqueue(asked.id) === true) return;
  const told = { ...notification, params: { ...notification.params, requestId: asked.id } };
  if (!asked.tell(told)) session.streams.queue(told);
}
