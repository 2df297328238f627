import type { BridgedServer } from '../bridge/bridged-server.js';
import { directParams, directResult, isDirect } from '../bridge/direct-call.js';
import { isOfThisEra } from '../bridge/era-notifications.js';
import { RoundSignal } from '../bridge/round-signal.js';
import type { Round, RoundAnswer } from '../bridge/round.js';
import type { CallEnds, CallMessages } from '../calls/call-messages.js';
import { statusOf } from '../calls/status-of.js';
import type { StatelessCall } from '../calls/stateless-call.js';
import { ENVELOPE } from '../envelope.js';
import type { ListMemory } from '../../servers/list-memory.js';
import type { MessageExtra } from '../../servers/transport.js';
import type { JsonRpcNotification, JsonRpcRequest, JsonRpcResponse } from '../../shared/json-rpc.js';
import { isPlainObject } from '../../shared/values.js';
import type { StatelessTransport, TransportCall } from './stateless-transport.js';

/** The server that is at a call. */
export interface ServerAtCall extends Pick<BridgedServer, 'description'> {
  /** The server behind it, where it only stands in front of one. */
  readonly bridged: BridgedServer | undefined;
  readonly memory: ListMemory | undefined;
  /** Lets a handler of a bridged server wait for the client. */
  readonly park: Round['park'];
  /** Whether it gets no more calls. */
  retired: boolean;
  /** What a bridged server has answered already: its front is to say what becomes of that. */
  answer: RoundAnswer | undefined;
  /** The call is over. */
  ended(): void;
}

/** What all calls of a server are handed over with. */
export interface CallLine {
  readonly messages: CallMessages;
  readonly server: ServerAtCall;
  readonly transport: StatelessTransport;
}

/** What its server says belongs to the call. */
const RELATED = Object.freeze({ relatedRequestId: 0 });

const NONE = Object.freeze({});

/** A call that a kept server is at: between its client, the hooks, and the server. */
export class KeptCall implements CallEnds, TransportCall {
  readonly #call: StatelessCall;
  readonly #extra: MessageExtra;
  readonly #line: CallLine;
  readonly #remember: ((result: Readonly<Record<string, unknown>>) => void) | undefined;
  /** The id under which its server knows it, once it does. */
  #delivered: number | undefined;
  /** Tells a server that only knows sessions that nobody waits any more. */
  #signal: RoundSignal | undefined;
  #open = true;

  constructor(call: StatelessCall, request: JsonRpcRequest, extra: MessageExtra, line: CallLine) {
    this.#call = call;
    this.#extra = extra;
    this.#line = line;
    this.#remember = line.server.memory?.expect(request);
    call.onAbandoned = () => {
      this.#abandon();
    };
  }

  deliver(request: JsonRpcRequest): void {
    const { bridged } = this.#line.server;
    if (bridged !== undefined && isDirect(request)) this.#callDirectly(request);
    else this.#deliver(request);
  }

  reply(response: JsonRpcResponse): void {
    const call = this.#call;
    this.#done();
    this.#line.messages.answered(call, response, (shown) => {
      call.settle(shown);
    });
  }

  send(notification: JsonRpcNotification): void {
    const shown = this.#line.messages.said(this.#call, notification, RELATED);
    if (shown !== undefined) this.#call.send(shown);
  }

  settle(response: JsonRpcResponse, early: boolean): void {
    const call = this.#call;
    if ('result' in response) this.#remember?.(response.result);
    this.#line.messages.answered(call, response, (shown) => {
      this.#done();
      call.settle(shown, statusOf(shown, early));
    });
  }

  #deliver(request: JsonRpcRequest): void {
    this.#delivered = this.#line.transport.deliver(request, this.#extra, this);
  }

  /** Past the front, whose whole work with most answers would be two lines; with any other its front is asked. */
  #callDirectly(request: JsonRpcRequest): void {
    const { bridged, park } = this.#line.server;
    const meta = request.params?.['_meta'];
    this.#signal = new RoundSignal();
    bridged
      ?.call({
        method: request.method,
        params: directParams(request.params),
        extra: this.#extra,
        logLevel: isPlainObject(meta) ? meta[ENVELOPE.logLevel] : undefined,
        responses: NONE,
        state: undefined,
        signal: this.#signal,
        notify: (notification) => {
          if (isOfThisEra(notification, bridged.description)) this.send(notification);
        },
        park,
      })
      .then((answer) => {
        this.#takeDirectly(request, answer);
      })
      .catch((thrown: unknown) => {
        this.#call.fail(thrown);
      });
  }

  #takeDirectly(request: JsonRpcRequest, answer: RoundAnswer): void {
    const { server } = this.#line;
    this.#signal = undefined;
    if (this.#call.over) {
      this.#done();
      return;
    }
    const result = directResult(answer, server.bridged?.description ?? server.description);
    if (result !== undefined) this.settle({ jsonrpc: '2.0', id: request.id, result }, false);
    else {
      server.answer = answer;
      this.#deliver(request);
    }
  }

  /** Nobody waits for it any more. */
  #abandon(): void {
    const { server, transport } = this.#line;
    if (this.#signal !== undefined || this.#delivered !== undefined) server.retired = true;
    this.#signal?.abort();
    if (this.#delivered !== undefined)
      transport.cancel(this.#delivered, this.#extra, 'Nobody waits for the answer any more.');
    this.#done();
  }

  #done(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#call.onAbandoned = undefined;
    this.#line.server.ended();
  }
}
