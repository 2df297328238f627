import { META, VERSION, type FuzzedRequest } from './draft.js';
import { isObject, type JsonObject } from './json.js';
import type { ReadAnswer } from './read-answer.js';
import { BY_SDK } from './ways.js';

/** What each way has answered, by its name. */
export type Answers = Readonly<Record<string, ReadAnswer>>;

/** Methods that may ask back, and so take what they had the client keep. */
const ASKING_METHODS: readonly unknown[] = ['tools/call', 'prompts/get', 'resources/read'];

/** Makes those answers equal that differ from the SDK's on purpose. */
export function forgiveWanted(request: FuzzedRequest, answers: Answers): Answers {
  const all = Object.entries(answers);
  const byTessera = all.filter(([name]) => !name.startsWith(BY_SDK));
  // Only what the tessera has sealed itself comes back to a server, so no server gets to judge anything else.
  if (
    byTessera.length > 0 &&
    bringsStrangeState(request) &&
    byTessera.every(([, answer]) => refusesState(answer))
  ) {
    return Object.fromEntries(byTessera);
  }
  return Object.fromEntries(
    all.map(([name, answer]) => [name, name.startsWith(BY_SDK) ? keptPrivately(answer) : answer]),
  );
}

/**
 * Whether nothing in a request names a revision of the stateless era. The SDK calls some of these its own all the same:
 * versions that are no revision, things that are no message. Here they are told what sessions are told.
 */
export function isOfNoEra({ headers, body }: FuzzedRequest): boolean {
  const version = headers.find(([name]) => name === 'mcp-protocol-version')?.[1].trim() ?? '';
  const isRevision = /^\d{4}-\d{2}-\d{2}$/.test(version);
  return !(isRevision && version >= VERSION) && !isClaimed(body);
}

/** Whether a message, or one of a batch, names a revision where the SDK looks for one: in its params and nowhere else. */
function isClaimed(body: string): boolean {
  let sent: unknown;
  try {
    sent = JSON.parse(body);
  } catch {
    return false;
  }
  return (Array.isArray(sent) ? (sent as unknown[]) : [sent]).some((message) => {
    const params = isObject(message) ? message['params'] : undefined;
    const meta = isObject(params) ? params['_meta'] : undefined;
    return isObject(meta) && META.version in meta;
  });
}

function bringsStrangeState({ body }: FuzzedRequest): boolean {
  const { method, params } = parsed(body);
  return ASKING_METHODS.includes(method) && isObject(params) && typeof params['requestState'] === 'string';
}

function refusesState({ status, messages }: ReadAnswer): boolean {
  const { error } = (messages.at(-1) ?? {}) as {
    readonly error?: { readonly code: number; readonly data?: unknown };
  };
  const reason = isObject(error?.data) ? error.data['reason'] : undefined;
  return status === 200 && error?.code === -32602 && reason === 'invalid_request_state';
}

function parsed(body: string): JsonObject {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** No answer is kept for others than the caller, unless the operator says so: where the SDK says `public`, it is `private`. */
function keptPrivately(answer: ReadAnswer): ReadAnswer {
  const messages = answer.messages.map((message) => {
    if (!isObject(message) || !isObject(message['result'])) return message;
    const { result } = message;
    if (result['cacheScope'] !== 'public') return message;
    return { ...message, result: { ...result, cacheScope: 'private' } };
  });
  return { ...answer, messages };
}
