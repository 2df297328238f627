import type { Id } from '../../session-era/helpers/messages.js';

/** The revision of the stateless era. */
export const REVISION = '2026-07-28';

/** The `_meta` keys in which a request describes itself. */
export const META = {
  version: 'io.modelcontextprotocol/protocolVersion',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  capabilities: 'io.modelcontextprotocol/clientCapabilities',
  logLevel: 'io.modelcontextprotocol/logLevel',
  subscription: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** Who a client says it is, and what it can do. */
export interface ClientIdentity {
  readonly clientInfo?: { readonly name: string; readonly version: string };
  readonly capabilities?: object;
}

const CLIENT_INFO = { name: 'test client', version: '1.0.0' };

/** The parameter that the header `Mcp-Name` repeats, by method. */
const NAMED_BY: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

/** A request of the stateless era, before it is sent. */
export interface Described {
  readonly headers: Record<string, string>;
  readonly message: object;
}

/** What a request is about. */
export interface Asked {
  readonly id: Id;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** More of what `_meta` holds, such as a progress token. */
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** Makes a request that describes itself in its headers and in its body. */
export function selfDescribing(
  { id, method, params = {}, meta = {} }: Asked,
  { clientInfo = CLIENT_INFO, capabilities = {} }: ClientIdentity = {},
): Described {
  const envelope = {
    [META.version]: REVISION,
    [META.clientInfo]: clientInfo,
    [META.capabilities]: capabilities,
  };
  const name = params[NAMED_BY[method] ?? ''];
  return {
    headers: {
      'mcp-protocol-version': REVISION,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
    },
    message: { jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...envelope, ...meta } } },
  };
}
