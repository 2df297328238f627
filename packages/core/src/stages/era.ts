import { refuse } from '../errors/to-answer.js';
import type { Answer, EdgeRequest } from '../shared/edge.js';
import { isRequest, type JsonRpcMessage } from '../shared/json-rpc.js';
import { ENVELOPE_VERSION_KEY, SESSION_VERSIONS, isStatelessVersion } from '../shared/protocol-versions.js';
import { isPlainObject } from '../shared/values.js';
import type { IncomingMessages } from './incoming-messages.js';

const LONGEST_ECHO = 32;

/** The era whose rules a request asks for, as far as its headers tell. */
export function eraOf(request: EdgeRequest): 'session' | 'stateless' {
  const version = request.headers.get('mcp-protocol-version');
  return version !== null && isStatelessVersion(version) ? 'stateless' : 'session';
}

/**
 * Refuses a request of the stateless era in the way clients fall back from: status 400, code -32022 and the
 * supported revisions (MCP 2026-07-28, "Version negotiation"). A 403 or a 5xx would make them give up.
 */
export function refuseStatelessEra(
  request: EdgeRequest,
  { messages }: Pick<IncomingMessages, 'messages'>,
): Answer | undefined {
  const header = request.headers.get('mcp-protocol-version');
  const requested =
    header !== null && isStatelessVersion(header)
      ? header
      : messages.map(envelopeVersion).find((version) => version !== undefined);
  if (requested === undefined) return undefined;
  const [first] = messages;
  return refuse('unsupported_era', 'That revision of MCP is not served here.', {
    data: { supported: SESSION_VERSIONS, requested: requested.slice(0, LONGEST_ECHO) },
    id: first !== undefined && isRequest(first) ? first.id : null,
  });
}

/** Refuses a protocol version that no era has; a missing header means the session's own version. */
export function refuseUnknownVersion(request: EdgeRequest): Answer | undefined {
  const version = request.headers.get('mcp-protocol-version');
  if (version === null || SESSION_VERSIONS.includes(version)) return undefined;
  return refuse(
    'unsupported_protocol_version',
    `The MCP-Protocol-Version is not supported. Supported: ${SESSION_VERSIONS.join(', ')}.`,
  );
}

function envelopeVersion(message: JsonRpcMessage): string | undefined {
  if (!('method' in message)) return undefined;
  const meta = message.params?.['_meta'];
  if (!isPlainObject(meta) || !(ENVELOPE_VERSION_KEY in meta)) return undefined;
  const version = meta[ENVELOPE_VERSION_KEY];
  if (typeof version !== 'string') return '';
  return SESSION_VERSIONS.includes(version) ? undefined : version;
}
