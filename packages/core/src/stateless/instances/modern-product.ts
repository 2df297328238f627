import { innerServer, type InnerServer, type McpServerLike } from '../../shared/mcp-server.js';
import type { Sdk } from '../sdk.js';

/** What servers of SDK v2 show of themselves besides what both SDKs do. */
interface ModernInner extends InnerServer {
  onclose?: (() => void) | undefined;
  getNegotiatedProtocolVersion?(): string | undefined;
}

/** A server of SDK v2, as its own handler takes it. */
export interface ModernProduct {
  readonly product: McpServerLike;
  readonly inner: ModernInner;
  /** What the SDK looks at before a tool is called; missing where it does not look. */
  readonly checks: ProductChecks | undefined;
}

/** What an `McpServer` of SDK v2 knows of a request before it is handed over. */
export interface ProductChecks {
  toolInputSchemaJson?(name: string): unknown;
  resolveScopeChallenge?(context: { readonly request: unknown; readonly authInfo?: unknown }): unknown;
}

/** Whether a server is one of SDK v2: only there it can say which revision it speaks. */
export function isModern(made: McpServerLike): boolean {
  return typeof (innerServer(made) as ModernInner).getNegotiatedProtocolVersion === 'function';
}

/**
 * A server of SDK v2 as this package's copy of the SDK takes it. An `McpServer` of another copy is used by its low-level
 * server, and loses what only its own copy checks.
 */
export function modernProduct(sdk: Sdk, made: McpServerLike, onForeign: () => void): ModernProduct {
  const inner = innerServer(made) as ModernInner;
  if (made instanceof sdk.McpServer) return { product: made, inner, checks: made };
  if (made !== inner) onForeign();
  return { product: inner, inner, checks: undefined };
}
