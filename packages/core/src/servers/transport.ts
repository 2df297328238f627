import type { AuthInfo } from '../shared/auth-info.js';
import type { ListMemory } from './list-memory.js';
import type { JsonRpcMessage, JsonRpcId } from '../shared/json-rpc.js';

/** What a handler can learn about the HTTP request its message came with. */
export interface MessageExtra {
  /** What both SDKs hand to handlers as `authInfo`. `token` is a fingerprint, never the token. */
  readonly authInfo: AuthInfo;
  /** For servers of SDK v1. */
  readonly requestInfo?: unknown;
  /** For servers of SDK v2. */
  readonly request?: unknown;
  /** Which era the message was found to be of; SDK v2 compares it with that of the server. */
  readonly classification?: { readonly era: 'modern'; readonly revision: string };
  /**
   * Ends the connection that the answer to this call would come on; the client comes back for it. Missing where it would
   * not. Both SDKs hand it to handlers.
   */
  closeSSEStream?: () => void;
  /** The same for the newest stream that a GET has open. */
  closeStandaloneSSEStream?: () => void;
}

/** Options a server passes to `send`. */
export interface SendOptions {
  /** The id of the call the message belongs to, as the server was given it. */
  readonly relatedRequestId?: JsonRpcId;
}

/** The `Transport` interface that SDK v1 and v2 share, seen from the server. */
export interface ServerTransport {
  start(): Promise<void>;
  send(message: JsonRpcMessage, options?: SendOptions): Promise<void>;
  close(): Promise<void>;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;
  onmessage?: ((message: never, extra?: never) => void) | undefined;
  readonly sessionId?: string | undefined;
}

/** A server instance as its session sees it: it takes messages, and it can be closed. */
export interface ServerLink {
  /** Whether the server has closed itself, or was closed: it answers nothing any more. */
  readonly closed: boolean;
  /** Its lists, if they may be remembered. */
  readonly memory?: ListMemory | undefined;
  /** Hands a message to the server. */
  receive(message: JsonRpcMessage, extra: MessageExtra): void;
  /** Closes the server, which aborts its handlers. */
  closeServer(): void;
}
