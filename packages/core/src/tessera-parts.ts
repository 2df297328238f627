import type { ReportError } from './errors/to-answer.js';
import type { EventBus } from './events/event-bus.js';
import type { TesseraEventArguments } from './events/tessera-events.js';
import type { ResolvedOptions } from './options.js';
import type { TenantServices } from './tenants/tenant-parts.js';
import type { Tenants } from './tenants/tenants.js';
import type { OwnTokens } from './tokens/own-tokens.js';

/** What a tessera is put together from. */
export interface TesseraParts {
  readonly options: ResolvedOptions;
  readonly events: EventBus<TesseraEventArguments>;
  readonly services: TenantServices;
  readonly tokens: OwnTokens;
  readonly tenants: Tenants;
  readonly report: ReportError;
}
