import type { EventBus } from '../events/event-bus.js';
import type { TesseraEventArguments } from '../events/tessera-events.js';
import type { CallHooks } from '../hooks/call-hooks.js';
import type { TenantLimits } from '../limits/limits.js';
import type { ServerFactory } from '../servers/server-factory.js';
import type { SessionServices } from '../sessions/session-services.js';
import type { Era } from '../shared/model.js';
import type { Spread } from '../shared/spread.js';
import type { StatelessServices } from '../stateless/engine-parts.js';
import type { StatelessOptions } from '../stateless/stateless-options.js';

/** What all tenants share. */
export interface TenantServices extends SessionServices, StatelessServices {
  readonly limits: SessionServices['limits'] & StatelessServices['limits'];
  /** What many are to be told is told in turns, which all tenants share. */
  readonly spread: Spread;
}

/** How clients of a tenant may talk to it. */
interface TenantEras {
  /** Which eras it serves. */
  readonly eras: ReadonlySet<Era>;
  readonly stateless: Readonly<Required<StatelessOptions>>;
  /** Milliseconds for which lists are remembered. */
  readonly rememberListsMs: number;
  /** Whether its lists never change by themselves. */
  readonly staticLists: boolean;
}

/** What a tenant is made of. */
export interface TenantParts extends TenantEras {
  readonly id: string;
  readonly factory: ServerFactory;
  readonly limits: TenantLimits;
  /** Whether caps are for each user, because all users are one tenant. @default false */
  readonly perSubject?: boolean;
  /** Milliseconds without a message after which a session's server is closed. @default Infinity */
  readonly parkAfterMs?: number;
  /** Who is asked and told about calls, if anybody is. */
  readonly hooks?: CallHooks | undefined;
  /** Told when nothing of it is in use any more, for a tenant that exists only as long as it is used. */
  readonly onUnused?: () => void;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly services: TenantServices;
  readonly events: EventBus<TesseraEventArguments>;
}
