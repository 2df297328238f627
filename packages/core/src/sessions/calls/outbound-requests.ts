import type { ServerLink } from '../../servers/transport.js';
import type { JsonRpcId, JsonRpcMessage, JsonRpcRequest } from '../../shared/json-rpc.js';
import { isPlainObject } from '../../shared/values.js';

/** A question of the server that the client has not answered yet. */
export interface OutboundRequest {
  /** The id the client knows it by. */
  readonly id: number;
  /** The id the asking server instance gave it; instances count from 0, each for itself. */
  readonly serverId: JsonRpcId;
  readonly transport: ServerLink;
  /** Says something more to the client where the question was said; false when that place is gone. */
  readonly tell: (message: JsonRpcMessage) => boolean;
}

/** The questions of a session's servers that are open, under ids of core's own. */
export class OutboundRequests {
  /** Made when the first one is asked. */
  #open: Map<number, OutboundRequest> | undefined;
  #lastId = 0;

  get size(): number {
    return this.#open?.size ?? 0;
  }

  /** Remembers a question and returns it as the client gets it. */
  ask(request: JsonRpcRequest, from: Omit<OutboundRequest, 'id' | 'serverId'>): JsonRpcRequest {
    this.#lastId += 1;
    const id = this.#lastId;
    this.#open ??= new Map();
    this.#open.set(id, { ...from, id, serverId: request.id });
    return { ...withProgressToken(request, id), id };
  }

  /** The question that a client's answer or progress means; a client may have turned the number into text. */
  find(id: unknown): OutboundRequest | undefined {
    return typeof id === 'number' || typeof id === 'string' ? this.#open?.get(Number(id)) : undefined;
  }

  findOf(transport: ServerLink, serverId: unknown): OutboundRequest | undefined {
    return [...(this.#open?.values() ?? [])].find(
      (request) => request.transport === transport && request.serverId === serverId,
    );
  }

  remove({ id }: OutboundRequest): void {
    this.#open?.delete(id);
  }

  /** The same for one that was never asked. */
  forget(id: JsonRpcId): void {
    this.#open?.delete(Number(id));
  }

  /** Forgets the questions of an instance that is gone, and returns them. */
  forgetAllOf(transport: ServerLink): OutboundRequest[] {
    const forgotten = [...(this.#open?.values() ?? [])].filter((request) => request.transport === transport);
    for (const request of forgotten) this.remove(request);
    return forgotten;
  }

  clear(): void {
    this.#open?.clear();
  }
}

/** A progress token is the question's own id in both SDKs, so it changes with it. */
function withProgressToken(request: JsonRpcRequest, id: number): JsonRpcRequest {
  const meta = request.params?.['_meta'];
  if (!isPlainObject(meta) || meta['progressToken'] !== request.id) return request;
  return { ...request, params: { ...request.params, _meta: { ...meta, progressToken: id } } };
}
