import { refuse } from '../errors/to-answer.js';
import type { Answer, EdgeRequest } from '../shared/edge.js';
import { idOf, isRequest, metaOf } from '../shared/json-rpc.js';
import type { Era } from '../shared/model.js';
import {
  ENVELOPE_VERSION_KEY,
  SESSION_VERSIONS,
  STATELESS_VERSION,
  isStatelessVersion,
} from '../shared/protocol-versions.js';
import { isPlainObject } from '../shared/values.js';
import { loadSdk, type Sdk } from '../stateless/sdk.js';
import type { IncomingMessages } from './incoming-messages.js';

const LONGEST_ECHO = 32;

/** The era whose rules a request asks for, as far as its headers tell. */
export function eraOf(request: EdgeRequest): Era {
  const version = request.headers.get('mcp-protocol-version');
  return version !== null && isStatelessVersion(version) ? 'stateless' : 'session';
}

/**
 * Whether a POST is one of the stateless era. The SDK's own classification decides. It is not asked where nothing claims to be
 * of that era, or where a message plainly does; nor is it about a header that names no revision at all, which sessions answer
 * with those there are.
 */
export function isStateless(request: EdgeRequest, body: unknown): boolean | Promise<boolean> {
  // The SDK takes a claim for the era's own in every message that has a method, but for that which opens sessions.
  if (claims(body) && hasOtherMethod(body)) return true;
  const mayBe = eraOf(request) === 'stateless' || (Array.isArray(body) ? body.some(claims) : claims(body));
  return mayBe && loadSdk().then((sdk) => classify(sdk, request, body));
}

function hasOtherMethod(body: unknown): boolean {
  const method = isPlainObject(body) ? body['method'] : undefined;
  return typeof method === 'string' && method !== 'initialize';
}

function classify(sdk: Sdk, { headers }: EdgeRequest, body: unknown): boolean {
  const outcome = sdk.classifyInboundRequest({
    httpMethod: 'POST',
    ...headerOf(headers, 'mcp-protocol-version', 'protocolVersionHeader'),
    ...headerOf(headers, 'mcp-method', 'mcpMethodHeader'),
    ...headerOf(headers, 'mcp-name', 'mcpNameHeader'),
    body,
  });
  return outcome.kind !== 'legacy';
}

function headerOf(headers: EdgeRequest['headers'], name: string, as: string): Record<string, string> {
  const value = headers.get(name);
  return value === null ? {} : { [as]: value };
}

/** Whether a message says which revision it is of. */
function claims(body: unknown): boolean {
  return ENVELOPE_VERSION_KEY in metaOf(body);
}

/**
 * Refuses a request of the stateless era in the way clients fall back from: status 400, code -32022 and the
 * supported revisions (MCP 2026-07-28, "Version negotiation"). A 403 or a 5xx would make them give up.
 */
export function refuseStatelessEra(request: EdgeRequest, body?: unknown): Answer {
  const header = request.headers.get('mcp-protocol-version');
  const requested = header !== null && isStatelessVersion(header) ? header : (claimed(body) ?? '');
  return refuseEra(SESSION_VERSIONS, requested, body);
}

/** Refuses a request of the session era in the same way; a GET or DELETE, because nothing answers them. */
export function refuseSessionEra(request: EdgeRequest, incoming: IncomingMessages | undefined): Answer {
  if (incoming === undefined) {
    return refuse(
      'method_not_allowed',
      'Sessions are not served here. Send POST requests of MCP 2026-07-28.',
      {
        headers: { allow: 'POST' },
      },
    );
  }
  const [first] = incoming.messages;
  const isInitialize = first !== undefined && 'method' in first && first.method === 'initialize';
  const version = isInitialize ? first.params?.['protocolVersion'] : undefined;
  const requested =
    typeof version === 'string' ? version : (request.headers.get('mcp-protocol-version') ?? '');
  return refuseEra([STATELESS_VERSION], requested, first !== undefined && isRequest(first) ? first : {});
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

function refuseEra(supported: readonly string[], requested: string, body: unknown): Answer {
  return refuse('unsupported_era', 'That revision of MCP is not served here.', {
    data: { supported, ...(requested === '' ? {} : { requested: requested.slice(0, LONGEST_ECHO) }) },
    id: idOf(body),
  });
}

function claimed(body: unknown): string | undefined {
  const version = metaOf(body)[ENVELOPE_VERSION_KEY];
  return typeof version === 'string' ? version : undefined;
}
