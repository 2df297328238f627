import type { EventBus } from '../events/event-bus.js';
import type { TesseraEventArguments } from '../events/tessera-events.js';
import type { CallEnd } from '../hooks/call-outcome.js';
import type { Admission } from '../limits/admission.js';
import type { TenantLimits } from '../limits/limits.js';
import type { Clock } from '../shared/platform.js';
import type { SpreadLane } from '../shared/spread.js';
import { roundMs, toError } from '../shared/values.js';
import type { StatelessCall } from '../stateless/calls/stateless-call.js';
import { StatelessEngine } from '../stateless/stateless-engine.js';
import type { Generations } from './generations.js';
import type { TenantParts } from './tenant-parts.js';

/** What the engine of a tenant shares with its sessions. */
export interface TenantEngineParts {
  readonly tenant: TenantParts;
  readonly admission: Admission;
  readonly lane: SpreadLane;
  readonly limits: () => TenantLimits;
  readonly generations: () => Generations;
  readonly unused: () => void;
}

/** Makes the engine with which a tenant serves the stateless era. */
export function tenantEngine({
  tenant,
  admission,
  lane,
  limits,
  generations,
  unused,
}: TenantEngineParts): StatelessEngine {
  const { id: tenantId, services, events } = tenant;
  return new StatelessEngine({
    tenantId,
    options: tenant.stateless,
    rememberListsMs: tenant.rememberListsMs,
    staticLists: tenant.staticLists,
    perSubject: tenant.perSubject ?? false,
    limits,
    admission,
    lane,
    hooks: services.hooksOf(tenant.hooks),
    services,
    choose: async (makeServer) => {
      const choice = await generations().choose(makeServer);
      return {
        ...choice,
        answered: (server) => {
          generations().announce(choice.generation, server);
        },
      };
    },
    observer: {
      callEnded: (call, end) => {
        tellToolCall(call, end, events, services.clock);
      },
      failed: (thrown) => {
        events.emit('transportError', { tenantId, era: 'stateless', error: toError(thrown) });
      },
      factoryFailed: (thrown) => {
        generations().reportFailure(thrown);
      },
      unused,
    },
  });
}

function tellToolCall(
  { request, principal, startedAt, delivered, answeredBy }: StatelessCall,
  end: CallEnd,
  events: EventBus<TesseraEventArguments>,
  clock: Clock,
): void {
  const isCall = request?.method === 'tools/call' && (delivered || answeredBy === 'hook');
  if (!isCall || !events.has('toolCalled')) return;
  const { tenantId, tokenId, fingerprint } = principal;
  const toolName = request.params?.['name'];
  events.emit('toolCalled', {
    tenantId,
    tokenId,
    fingerprint,
    era: 'stateless',
    toolName: typeof toolName === 'string' ? toolName : '',
    duration: roundMs(clock.monotonic() - startedAt),
    success: end.how === 'answered' && 'result' in end.response && end.response.result['isError'] !== true,
  });
}
