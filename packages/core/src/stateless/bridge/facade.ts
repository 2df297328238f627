import { innerServer, type McpServerLike } from '../../shared/mcp-server.js';
import type { JsonRpcNotification } from '../../shared/json-rpc.js';
import { isPlainObject, without } from '../../shared/values.js';
import { ENVELOPE } from '../envelope.js';
import type { ServerDescription } from '../instances/mark-server.js';
import type { Sdk } from '../sdk.js';
import type { Round, RoundAnswer } from './round.js';

/** What of a low-level server is used here; its own type wants each method's types, which nobody has here. */
interface ModernServer extends McpServerLike {
  setRequestHandler(method: string, handler: unknown): void;
}

/** What SDK v2 gives its handlers, as far as it matters here. */
interface HandlerContext {
  readonly mcpReq: {
    readonly _meta?: Readonly<Record<string, unknown>>;
    readonly envelope?: Readonly<Record<string, unknown>>;
    readonly inputResponses?: Readonly<Record<string, unknown>>;
    readonly requestState: () => unknown;
    readonly signal: AbortSignal;
    readonly notify: (notification: { method: string; params?: unknown }) => Promise<void>;
  };
  readonly http?: { readonly authInfo?: unknown; readonly req?: RequestLike };
}

interface RequestLike {
  readonly headers: Headers;
  readonly url: string;
}

/** Capabilities of lists, of which a high-level server says that they change if it is not told otherwise. */
const LISTED: ReadonlySet<string> = new Set(['tools', 'prompts', 'resources']);

/** The SDK wants a callback, though its handler for calls is replaced. */
const NEVER_CALLED = (): { content: [] } => ({ content: [] });

/** What is forwarded, by the capability a server must have for it. */
const FORWARDED: Readonly<Record<string, readonly string[]>> = {
  tools: ['tools/list', 'tools/call'],
  prompts: ['prompts/list', 'prompts/get'],
  resources: ['resources/list', 'resources/templates/list', 'resources/read'],
  completions: ['completion/complete'],
};

/** A round, before anybody has said where a handler can wait. */
export type FacadeRound = Omit<Round, 'park'>;

/** What a front is made of. */
export interface FacadeParts {
  readonly description: ServerDescription;
  /** Tools whose parameters the SDK compares with headers. */
  readonly headerTools: ReadonlyMap<string, Record<string, unknown>>;
  /** Answers a call. */
  readonly forward: (round: FacadeRound) => Promise<RoundAnswer>;
}

/**
 * A server of SDK v2 that looks like a bridged one and hands over what it is asked. So a server that knows sessions only has
 * its requests checked, and its results completed, by the SDK itself.
 */
export function facadeOf(sdk: Sdk, { description, headerTools, forward }: FacadeParts): McpServerLike {
  const facade =
    headerTools.size === 0 ? listenerOf(sdk, description) : withHeaderTools(sdk, description, headerTools);
  for (const [capability, methods] of Object.entries(FORWARDED)) {
    if (!(capability in description.capabilities)) continue;
    for (const method of methods)
      setHandler(innerServer(facade) as unknown as ModernServer, method, sdk, forward);
  }
  return facade;
}

/** A server that has the capabilities of another one and can do nothing of it: enough for streams of changes. */
export function listenerOf(sdk: Sdk, description: ServerDescription): McpServerLike {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- a high-level server would add capabilities of its own
  return new sdk.Server(description.server, optionsOf(description));
}

/** Only a high-level server has its SDK compare parameters with headers. */
function withHeaderTools(
  sdk: Sdk,
  description: ServerDescription,
  headerTools: FacadeParts['headerTools'],
): InstanceType<Sdk['McpServer']> {
  const { capabilities, ...others } = optionsOf(description);
  const lists = Object.entries(capabilities).map(([name, value]) => [
    name,
    LISTED.has(name) && isPlainObject(value) ? { listChanged: false, ...value } : value,
  ]);
  const facade = new sdk.McpServer(description.server, {
    ...others,
    capabilities: Object.fromEntries(lists) as typeof capabilities,
  });
  for (const [name, schema] of headerTools)
    facade.registerTool(name, { inputSchema: unchecked(schema) }, NEVER_CALLED as never);
  return facade;
}

function optionsOf({ capabilities, instructions }: ServerDescription): {
  readonly capabilities: Record<string, object>;
  readonly instructions?: string;
} {
  return {
    // What SDK v1 calls tasks is another protocol than what this era does.
    capabilities: without(capabilities, ['tasks']) as Record<string, object>,
    ...(instructions === undefined ? {} : { instructions }),
  };
}

function setHandler(server: ModernServer, method: string, sdk: Sdk, forward: FacadeParts['forward']): void {
  const handler = async (
    { params }: { params?: Record<string, unknown> },
    context: HandlerContext,
  ): Promise<Record<string, unknown>> => {
    const answer = await forward(roundOf(method, params, context));
    if ('result' in answer) return answer.result;
    const { code, message, data } = answer.error;
    throw new sdk.ProtocolError(code, message, data);
  };
  server.setRequestHandler(method, handler);
}

function roundOf(
  method: string,
  params: Record<string, unknown> | undefined,
  { mcpReq, http }: HandlerContext,
): FacadeRound {
  const state = mcpReq.requestState();
  const request = http?.req;
  return {
    method,
    params,
    extra: {
      authInfo: http?.authInfo as never,
      ...(request === undefined ? {} : { request, requestInfo: new RequestInfo(request) }),
    },
    logLevel: mcpReq.envelope?.[ENVELOPE.logLevel],
    responses: isPlainObject(mcpReq.inputResponses) ? mcpReq.inputResponses : {},
    state: typeof state === 'string' ? state : undefined,
    signal: mcpReq.signal,
    notify: ({ method: name, params: said }: JsonRpcNotification) => {
      // A client that is gone has nothing to be told; whoever waits for the call hears of it by its signal.
      mcpReq
        .notify({ method: name, ...(said === undefined ? {} : { params: said }) })
        .then(undefined, () => undefined);
    },
  };
}

/** What SDK v1 shows its handlers of a request; nothing of it is computed until one looks. */
class RequestInfo {
  readonly #request: RequestLike;

  constructor(request: RequestLike) {
    this.#request = request;
  }

  get headers(): Record<string, string> {
    return Object.fromEntries(this.#request.headers.entries());
  }

  get url(): URL {
    return new URL(this.#request.url);
  }
}

/** A schema that the SDK can read and that lets everything pass: the bridged server checks for itself. */
function unchecked(schema: Record<string, unknown>): never {
  return {
    '~standard': {
      version: 1,
      vendor: 'tessera',
      validate: (value: unknown) => ({ value }),
      jsonSchema: { input: () => schema, output: () => schema },
    },
  } as never;
}
