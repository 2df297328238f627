import { metaOf } from '../shared/json-rpc.js';
import { ENVELOPE_VERSION_KEY } from '../shared/protocol-versions.js';
import { isPlainObject } from '../shared/values.js';

const PREFIX = 'io.modelcontextprotocol/';

/** Keys of `_meta` with which a request describes itself (MCP 2026-07-28, "Per-request envelope"). */
export const ENVELOPE: Readonly<Record<'version' | 'clientInfo' | 'capabilities' | 'logLevel', string>> =
  Object.freeze({
    version: ENVELOPE_VERSION_KEY,
    clientInfo: `${PREFIX}clientInfo`,
    capabilities: `${PREFIX}clientCapabilities`,
    logLevel: `${PREFIX}logLevel`,
  });

/** The `_meta` key under which a result says which server gave it. */
export const SERVER_INFO_KEY: string = `${PREFIX}serverInfo`;

/** What a client says of itself in each request. */
export interface ClientIdentity {
  readonly info: Readonly<Record<string, unknown>> | undefined;
  readonly capabilities: Readonly<Record<string, unknown>>;
}

/** The client of a request whose envelope has been found valid. */
export function clientOf(body: unknown): ClientIdentity {
  const meta = metaOf(body);
  const info = meta[ENVELOPE.clientInfo];
  const capabilities = meta[ENVELOPE.capabilities];
  return {
    info: isPlainObject(info) ? info : undefined,
    capabilities: isPlainObject(capabilities) ? capabilities : {},
  };
}
