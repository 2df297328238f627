import type { VerifiedCallers } from '../auth/verified-callers.js';
import type { EventBus } from '../events/event-bus.js';
import type { TesseraEventArguments } from '../events/tessera-events.js';
import type { ResolvedOptions } from '../options.js';
import type { ReportError } from '../errors/to-answer.js';
import type { FlowState } from '../shared/flow-state.js';
import type { Caller } from '../shared/caller.js';
import type { Tenant } from '../tenants/tenant.js';
import type { Tenants } from '../tenants/tenants.js';
import type { OwnTokens } from '../tokens/own-tokens.js';

/** What the flow works with. Stages read it; none of them changes it. */
export interface FlowParts {
  readonly options: ResolvedOptions;
  readonly tokens: OwnTokens;
  readonly tenants: Tenants;
  /** The callers a verifier or provider vouches for, where there is one. */
  readonly verified: VerifiedCallers | undefined;
  /** Ends what hangs on a token that its verifier no longer accepts. */
  readonly tokenRefused: (token: string) => void;
  /** The tenant that a provider's token is; made when it is used for the first time. */
  readonly adoptTenant: (caller: Caller) => Tenant;
  readonly events: EventBus<TesseraEventArguments>;
  /** Reports an error that the caller must not see, and returns the id the caller sees instead. */
  readonly report: ReportError;
  readonly state: FlowState;
}
