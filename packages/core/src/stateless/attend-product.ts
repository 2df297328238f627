import { internalError } from '../errors/json-rpc-errors.js';
import type { SendOptions } from '../servers/transport.js';
import {
  isResponse,
  type JsonRpcMessage,
  type JsonRpcRequest,
  type JsonRpcResponse,
} from '../shared/json-rpc.js';
import { innerServer, type McpServerLike } from '../shared/mcp-server.js';
import { isPlainObject } from '../shared/values.js';
import type { CallMessages } from './calls/call-messages.js';
import { SERVER_INFO_KEY } from './envelope.js';
import { identityOf } from './instances/mark-server.js';
import type { SdkCall } from './sdk-call.js';
import type { ServerBuilding } from './server-building.js';

interface SdkTransport {
  onmessage?: (message: JsonRpcMessage, extra?: unknown) => void;
  send(message: JsonRpcMessage, options?: SendOptions): Promise<void>;
}

const HOOKED: ReadonlySet<string> = new Set(['tools', 'prompts', 'resources']);

/**
 * Lets what goes between the SDK's own handler and the server it was given pass what all messages pass: the SDK connects the two
 * by a transport, and that is where one can listen.
 */
export function attendProduct(
  product: McpServerLike,
  serving: SdkCall,
  { messages, building }: { readonly messages: CallMessages; readonly building: ServerBuilding },
): void {
  const connect = product.connect.bind(product) as (transport: SdkTransport) => Promise<void>;
  const close = product.close.bind(product);
  let isClosed = false;
  const attended = async (transport: SdkTransport): Promise<void> => {
    try {
      await connect(transport);
    } catch (thrown) {
      serving.failure = { thrown: building.connectFailure(thrown) };
      throw thrown;
    }
    const deliver = transport.onmessage?.bind(transport);
    const send = transport.send.bind(transport);
    transport.send = (message, options) => {
      if (!isResponse(message)) {
        const shown = messages.said(serving.call, message, options);
        return shown === undefined ? Promise.resolve() : send(shown, options);
      }
      return new Promise((resolve, reject) => {
        messages.answered(serving.call, message, (shown) => {
          hear(serving, shown);
          send(shown, options).then(resolve, reject);
        });
      });
    };
    transport.onmessage = (message, extra) => {
      const isHooked = 'method' in message && 'id' in message && offers(product, message.method);
      // What the server does not have it refuses at once, and nobody need be asked.
      if (!isHooked) deliver?.(message, extra);
      else {
        messages.toServer(serving.call, message, {
          deliver: (request: JsonRpcRequest) => {
            deliverOrFail(() => deliver?.(request, extra), transport, request);
          },
          reply: (response) => void transport.send(response),
        });
      }
    };
  };
  Reflect.set(product, 'connect', attended);
  // Whoever closes it first does; a program's own way of closing runs once.
  Reflect.set(product, 'close', () => {
    if (isClosed) return Promise.resolve();
    isClosed = true;
    return close();
  });
}

function deliverOrFail(deliver: () => void, transport: SdkTransport, request: JsonRpcRequest): void {
  try {
    deliver();
  } catch {
    // The SDK would never answer, and what nobody catches ends the process.
    void transport.send(internalError(request.id));
  }
}

function hear(serving: SdkCall, response: JsonRpcResponse): void {
  serving.response = response;
  const meta = 'result' in response ? response.result['_meta'] : undefined;
  if (isPlainObject(meta) && SERVER_INFO_KEY in meta)
    serving.choice?.answered(identityOf(meta[SERVER_INFO_KEY]));
}

/** Whether a server has what a method belongs to; of one that does not say so, it is believed. */
function offers(product: McpServerLike, method: string): boolean {
  const inner = innerServer(product) as {
    getCapabilities?: () => object;
    fallbackRequestHandler?: unknown;
  };
  const [capability = ''] = method.split('/');
  if (!HOOKED.has(capability) || inner.getCapabilities === undefined) return true;
  return capability in inner.getCapabilities() || inner.fallbackRequestHandler !== undefined;
}
