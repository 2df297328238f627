import type { CallHooks } from '../hooks/call-hooks.js';
import type { CallEnd } from '../hooks/call-outcome.js';
import type { Hooks } from '../hooks/hooks.js';
import type { ReportError } from '../errors/to-answer.js';
import type { Admission } from '../limits/admission.js';
import type { TenantLimits } from '../limits/limits.js';
import type { ServerFactory } from '../servers/server-factory.js';
import type { ServerMaker } from '../servers/server-maker.js';
import type { Caller } from '../shared/caller.js';
import type { Answer, EdgeRequest } from '../shared/edge.js';
import type { Heartbeat } from '../shared/heartbeat.js';
import type { SpreadLane } from '../shared/spread.js';
import type { ServerIdentity } from '../shared/model.js';
import type { Clock, Logger, RandomBytes, Timers } from '../shared/platform.js';
import type { StatelessCall } from './calls/stateless-call.js';
import type { RequestStateSeal } from './request-state.js';
import type { StatelessOptions } from './stateless-options.js';

/** What the engines of all tenants share. */
export interface StatelessServices {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly randomBytes: RandomBytes;
  readonly logger: Logger;
  readonly heartbeat: Heartbeat;
  readonly maker: ServerMaker;
  readonly seal: RequestStateSeal;
  readonly hooksOf: (own: CallHooks | undefined) => Hooks | undefined;
  readonly limits: { readonly factoryMs: number; readonly queuedBytes: number };
  /** What a caller waits for in vain whose token expires meanwhile. */
  readonly expiredAnswer: Answer;
}

/** The factory that servers are made with at the moment. */
export interface FactoryChoice {
  readonly factory: ServerFactory;
  /** Whether it is still the right one. */
  readonly isCurrent: () => boolean;
  /** A server of it has answered, and has said what it is. */
  readonly answered: (server: ServerIdentity) => void;
}

/** Who hears what happens in an engine. */
interface StatelessObserver {
  readonly callEnded: (call: StatelessCall, end: CallEnd) => void;
  /** Something went wrong that no caller may see. */
  readonly failed: (thrown: unknown) => void;
  /** A server could not be made. */
  readonly factoryFailed: (thrown: unknown) => void;
  /** Nothing is kept, open or in flight any more. */
  readonly unused: () => void;
}

/** What the stateless engine of a tenant is made of. */
export interface StatelessEngineParts {
  readonly tenantId: string;
  readonly options: Readonly<Required<StatelessOptions>>;
  /** Milliseconds for which lists are remembered. */
  readonly rememberListsMs: number;
  /** Whether lists of any server may be remembered, because they never change by themselves. */
  readonly staticLists: boolean;
  /** Whether many users share the tenant, so that more servers are kept. */
  readonly perSubject: boolean;
  readonly limits: () => TenantLimits;
  readonly admission: Admission;
  /** Where what many are to hear waits for its turn. */
  readonly lane: SpreadLane;
  readonly hooks: Hooks | undefined;
  readonly services: StatelessServices;
  readonly choose: (makeServer: Caller['makeServer']) => Promise<FactoryChoice>;
  readonly observer: StatelessObserver;
}

/** A request of the stateless era whose caller is known. */
export class StatelessRequest {
  readonly request: EdgeRequest;
  /** What was sent, parsed. */
  readonly body: unknown;
  readonly caller: Caller;
  readonly report: ReportError;
  /** What it is once it is admitted. */
  call: StatelessCall | undefined;

  constructor(request: EdgeRequest, body: unknown, caller: Caller, report: ReportError) {
    this.request = request;
    this.body = body;
    this.caller = caller;
    this.report = report;
  }
}

/** A request on its way. */
export type EngineCall = Omit<StatelessRequest, 'call'> & { readonly call: StatelessCall };
