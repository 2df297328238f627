import { listAnswer } from '../../servers/list-memory.js';
import type { HookAnswer } from '../../hooks/call-hooks.js';
import type { MessageExtra } from '../../servers/transport.js';
import { requestWithId, type JsonRpcRequest } from '../../shared/json-rpc.js';
import type { Principal } from '../../shared/model.js';
import type { Session } from '../session.js';
import type { Call } from './call-table.js';
import type { CallSink } from './exchange.js';
import { maySubscribe } from '../session-record.js';
import { connectionClosed, tooManySubscriptions } from '../../errors/json-rpc-errors.js';

/** Hands a request to the server: at once, unless somebody is to be asked first. */
export function deliverCall(
  session: Session,
  request: JsonRpcRequest,
  {
    sink,
    extra,
    principal,
  }: { readonly sink: CallSink; readonly extra: MessageExtra; readonly principal: Principal },
): void {
  const { current: transport } = session.links;
  if (transport === undefined) {
    sink.settle(connectionClosed(request.id));
    return;
  }
  if (!maySubscribe(session.record, request)) {
    sink.settle(tooManySubscriptions(request.id));
    return;
  }
  const { hooks } = session;
  const origin = hooks && session.callOrigin(principal);
  const run = origin && hooks.runFor(request, origin);
  const shaped = origin && hooks.shape(request, origin);
  const sent = shaped?.request ?? request;
  const call = session.openCall({ request, principal, transport, sink, run, shaped });
  // Clients that never open a stream of their own are asked here what could not be asked anywhere else.
  if (session.record !== undefined && session.openStreams !== undefined)
    for (const question of session.openStreams.takeQuestions()) sink.send(question);
  if (run === undefined) {
    call.delivered = true;
    const remembered = transport.memory?.recall(sent);
    if (remembered !== undefined) {
      call.written = listAnswer(request.id, remembered);
      session.calls.settle(call, { jsonrpc: '2.0', id: call.id, result: remembered.result });
      return;
    }
    call.remember = transport.memory?.expect(sent);
    transport.receive(requestWithId(sent, call.id), extra);
    return;
  }
  const answer = run.before();
  if (answer instanceof Promise) {
    void answer.then((given) => {
      deliverAfterHooks(session, call, { answer: given, sent, extra });
    });
  } else deliverAfterHooks(session, call, { answer, sent, extra });
}

function deliverAfterHooks(
  session: Session,
  call: Call,
  {
    answer,
    sent,
    extra,
  }: {
    readonly answer: HookAnswer | undefined;
    readonly sent: JsonRpcRequest;
    readonly extra: MessageExtra;
  },
): void {
  const { current } = session.links;
  // Cancelled, timed out, or its session has ended.
  if (session.calls.get(call.id) !== call || current === undefined) return;
  const isBypass = call.shaped?.denied === true && answer !== undefined && 'result' in answer;
  if (answer !== undefined && !isBypass) {
    call.answeredBy = 'hook';
    session.calls.settle(call, { jsonrpc: '2.0', id: call.id, ...answer });
    return;
  }
  // The server may have been replaced meanwhile.
  const before = call.transport;
  call.transport = current;
  call.delivered = true;
  if (before !== current) session.links.closeIfFinished(before);
  current.receive(requestWithId(sent, call.id), extra);
}
