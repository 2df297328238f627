import type { MessageExtra } from '../../servers/transport.js';
import {
  isRequest,
  isResponse,
  type JsonRpcMessage,
  type JsonRpcNotification,
  type JsonRpcResponse,
} from '../../shared/json-rpc.js';
import type { Principal } from '../../shared/model.js';
import type { Session } from '../session.js';
import { deliverCall } from './deliver-call.js';
import type { CallSink } from './exchange.js';
import { connectionClosed } from '../../errors/json-rpc-errors.js';

/** Where answers to a request go, and what handlers are told of it. */
export interface Delivery {
  readonly sink: CallSink;
  readonly extra: MessageExtra;
  /** Who asks: with another token, perhaps, than whoever has used the session since. */
  readonly principal: Principal;
}

/** Takes a message of the client to where it belongs. */
export function routeFromClient(session: Session, message: JsonRpcMessage, delivery: Delivery): void {
  const { sink, extra } = delivery;
  session.touch();
  if (session.ended) {
    if (isRequest(message)) sink.settle(connectionClosed(message.id));
  } else if (isResponse(message)) deliverAnswer(session, message, extra);
  else if (isRequest(message)) deliverCall(session, message, delivery);
  else deliverNotification(session, message, extra);
}

function deliverNotification(session: Session, notification: JsonRpcNotification, extra: MessageExtra): void {
  const { method, params } = notification;
  if (method === 'notifications/cancelled') {
    session.waiting.cancel(params?.['requestId']);
    for (const call of session.calls.cancel(params?.['requestId'])) {
      // A server that has not been told of a call yet need not be told that it is over.
      if (!call.delivered) continue;
      call.transport.receive({ ...notification, params: { ...params, requestId: call.id } }, extra);
    }
    return;
  }
  if (method === 'notifications/progress') {
    const asked = session.outbound.find(params?.['progressToken']);
    if (asked === undefined) return;
    asked.transport.receive({ ...notification, params: { ...params, progressToken: asked.serverId } }, extra);
    return;
  }
  if (method === 'notifications/initialized') session.initialized();
  session.links.current?.receive(notification, extra);
}

function deliverAnswer(session: Session, response: JsonRpcResponse, extra: MessageExtra): void {
  const asked = session.outbound.find(response.id);
  if (asked === undefined) {
    session.report(new Error('The client answered a question that nobody has asked, or asks any more.'));
    return;
  }
  session.outbound.remove(asked);
  asked.transport.receive({ ...response, id: asked.serverId }, extra);
}
