import type { Answer, RequestContext } from './edge.js';
import { isEdgeHandler, type Mountable } from './mount.js';
import { toError } from './values.js';

/**
 * What something mounted answers to a Web request. Rejects with an `Error`, whatever was thrown: frameworks take it for no
 * error at all when there is nothing, or a text, where an error should be.
 */
export async function answerOf(
  mountable: Mountable,
  request: Request,
  context: RequestContext,
): Promise<Answer> {
  if (isEdgeHandler(mountable)) return mountable.handle(request, context);
  try {
    const response = await mountable.fetch(request, context);
    const { status, body } = response;
    if (status < 200) throw new RangeError(`A response with the status ${String(status)} cannot be sent.`);
    if (body?.locked === true) throw new TypeError('A response whose body is being read cannot be sent.');
    // The body that HEAD leaves out has nobody else to end it.
    if (request.method === 'HEAD') await body?.cancel().catch(() => undefined);
    return { status, headers: headersOf(response), body: request.method === 'HEAD' ? null : body };
  } catch (thrown) {
    throw toError(thrown);
  }
}

/** Headers that are about one HTTP/1 connection, which is none of a handler's business (RFC 9110 §7.6.1, RFC 9113 §8.2.2). */
export const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** Cookies stay apart, because they cannot be joined. */
function headersOf({ headers }: Response): Record<string, string | string[]> {
  const cookies = headers.getSetCookie();
  const pairs = [...headers].filter(([name]) => !CONNECTION_HEADERS.has(name));
  return { ...Object.fromEntries(pairs), ...(cookies.length > 0 && { 'set-cookie': cookies }) };
}
