import { STATELESS_VERSION } from '../../shared/protocol-versions.js';
import { isPlainObject, toError } from '../../shared/values.js';
import type { ServerIdentity } from '../../shared/model.js';
import { ENVELOPE, SERVER_INFO_KEY, type ClientIdentity } from '../envelope.js';
import type { ModernProduct } from './modern-product.js';
import type { Sdk } from '../sdk.js';

/** What a server says of itself in its answer to `server/discover`. */
export interface ServerDescription {
  readonly server: ServerIdentity;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly instructions: string | undefined;
}

/** How many turns a server may take to close after its answer. */
const TURNS = 100;

/**
 * Makes a server speak MCP 2026-07-28, for good: the SDK's own handler serves one `server/discover` with it, which settles its
 * era and its client, and leaves it ready for another transport. The program's `onclose` does not hear of it.
 *
 * @throws what keeps the server from it
 */
export async function markServer(
  sdk: Sdk,
  { product, inner }: ModernProduct,
  client: ClientIdentity,
): Promise<ServerDescription> {
  const { onclose } = inner;
  inner.onclose = undefined;
  const failures: unknown[] = [];
  try {
    const handler = sdk.createMcpHandler(() => product as never, {
      legacy: 'reject',
      keepAliveMs: 0,
      onerror: (error) => failures.push(error),
    });
    const response = await handler.fetch(discoverRequest(), { parsedBody: discoverBody(client) });
    const answer: unknown = await response.json();
    for (let turn = 0; turn < TURNS && inner.transport !== undefined; turn += 1) await Promise.resolve();
    const result = isPlainObject(answer) ? answer['result'] : undefined;
    if (!isPlainObject(result)) throw toError(failures[0] ?? new Error('It did not answer server/discover.'));
    if (inner.transport !== undefined || inner.getNegotiatedProtocolVersion?.() !== STATELESS_VERSION)
      throw new Error(`It could not be kept for MCP ${STATELESS_VERSION}.`);
    return describe(result);
  } finally {
    inner.onclose = onclose;
  }
}

function describe(result: Record<string, unknown>): ServerDescription {
  const { capabilities, instructions, _meta: meta } = result;
  const info = isPlainObject(meta) ? meta[SERVER_INFO_KEY] : undefined;
  return {
    server: identityOf(info),
    capabilities: isPlainObject(capabilities) ? capabilities : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
  };
}

/** Name and version, as far as they are texts. */
export function identityOf(info: unknown): ServerIdentity {
  const { name, version } = isPlainObject(info) ? info : {};
  return {
    name: typeof name === 'string' ? name : '',
    version: typeof version === 'string' ? version : '',
  };
}

function discoverRequest(): Request {
  const headers = {
    'content-type': 'application/json',
    'mcp-protocol-version': STATELESS_VERSION,
    'mcp-method': 'server/discover',
  };
  return new Request('http://localhost/', { method: 'POST', headers });
}

function discoverBody({ info, capabilities }: ClientIdentity): unknown {
  const meta = {
    [ENVELOPE.version]: STATELESS_VERSION,
    ...(info === undefined ? {} : { [ENVELOPE.clientInfo]: info }),
    [ENVELOPE.capabilities]: capabilities,
  };
  return { jsonrpc: '2.0', id: 0, method: 'server/discover', params: { _meta: meta } };
}
