import { toAnswer } from './errors/to-answer.js';
import { isAnswer, type Answer, type EdgeRequest, type RequestContext } from './shared/edge.js';
import { hasLapsed } from './shared/caller.js';
import type { Principal } from './shared/model.js';
import { roundMs } from './shared/values.js';
import { AccessChanged } from './stages/access-changed.js';
import { authenticate } from './stages/authenticate.js';
import { withCors } from './stages/cors.js';
import { Dispatch, dispatch } from './stages/dispatch.js';
import { eraOf } from './stages/era.js';
import type { FlowParts } from './stages/flow-parts.js';
import { guard, isOriginAllowed } from './stages/guard.js';
import type { IncomingMessages, StatelessBody } from './stages/incoming-messages.js';
import { readMessage } from './stages/read-message.js';
import { resolveTenant } from './stages/resolve-tenant.js';

export { servedPaths, servesPath } from './stages/guard.js';

/** What the flow works with. */
export type HandleParts = FlowParts;

/** Who is calling, as soon as it is known. */
interface Seen {
  principal: Principal | undefined;
}

/** Answers one request. Never throws: whatever happens on the way becomes an answer. */
export async function handle(
  request: EdgeRequest,
  context: RequestContext,
  parts: FlowParts,
): Promise<Answer> {
  const { clock } = parts.options;
  const startedAt = clock.monotonic();
  const seen: Seen = { principal: undefined };
  let answer: Answer;
  try {
    answer = await flow(request, context, parts, seen);
  } catch (thrown) {
    answer = toAnswer(thrown, parts.report);
  }
  if (parts.events.has('requestHandled')) {
    const { principal } = seen;
    const { method } = request;
    const { status } = answer;
    const duration = roundMs(clock.monotonic() - startedAt);
    if (principal === undefined) parts.events.emit('requestHandled', { method, status, duration });
    else {
      const { tenantId, fingerprint } = principal;
      const era = eraOf(request);
      parts.events.emit('requestHandled', { method, status, duration, era, tenantId, fingerprint });
    }
  }
  const origin = request.headers.get('origin');
  if (origin === null || !isOriginAllowed(request, context, parts.options)) return answer;
  return withCors(answer, origin);
}

/** The whole way of a request, in order. A gate gives its value, or the answer that ends the way. */
async function flow(
  request: EdgeRequest,
  context: RequestContext,
  parts: FlowParts,
  seen: Seen,
): Promise<Answer> {
  const refused = guard(request, context, parts);
  if (refused !== undefined) return refused;

  let incoming: IncomingMessages | StatelessBody | undefined;
  for (;;) {
    const { accessVersion } = parts.state;
    const authenticated = authenticate(request, context, parts);
    const caller = authenticated instanceof Promise ? await authenticated : authenticated;
    if (isAnswer(caller)) return caller;
    seen.principal = caller.principal;
    context.onAuthenticated?.(caller.authInfo);

    const tenant = resolveTenant(caller, parts);
    if (isAnswer(tenant)) return tenant;
    tenant.enter();
    try {
      if (request.method === 'POST' && incoming === undefined) {
        const { batchMessages } = parts.options.limits;
        const { bodyBytes } = tenant.limits;
        const read = await readMessage(request, context, { bodyBytes, batchMessages });
        if (isAnswer(read)) return read;
        incoming = read;
      }
      // Whoever lost access while a registry was asked or the body came in is turned away after all.
      if (accessVersion !== parts.state.accessVersion || hasLapsed(caller, parts.options.clock.now()))
        continue;
      return await dispatch(new Dispatch(request, caller, tenant, parts), incoming);
    } catch (thrown) {
      if (!(thrown instanceof AccessChanged)) throw thrown;
      if (incoming !== undefined && 'messages' in incoming)
        incoming = { ...incoming, cancelled: thrown.cancelled };
    } finally {
      tenant.leave();
    }
  }
}
