import type { CallHooks } from './hooks/call-hooks.js';
import { checkHooks } from './hooks/hooks.js';
import { resolveTenantLimits, type TenantLimits } from './limits/limits.js';
import type { ResolvedOptions } from './options.js';
import type { ServerFactory } from './servers/server-factory.js';
import { checkChoice, checkDuration, checkNames } from './shared/check-options.js';
import type { SessionsOnUpdate } from './tenants/generations.js';
import type { TenantParts } from './tenants/tenant-parts.js';
import { resolveStateless, type StatelessOptions } from './stateless/stateless-options.js';
import { checkEras } from './shared/check-eras.js';
import type { Era } from './shared/model.js';
import type { TokenOptions } from './tokens/own-tokens.js';

/** A tenant to add. */
export interface TenantOptions {
  /** What the program knows the tenant by: 1 to 256 characters. It appears in events and logs. */
  readonly id: string;
  /** Makes the tenant's MCP servers, one for each session. */
  readonly server: ServerFactory;
  /** Tokens that open this tenant; more can be added later. @default [] */
  readonly tokens?: readonly (string | ({ readonly token: string } & TokenOptions))[];
  /** Caps that differ from those of the tessera. Default: none do. */
  readonly limits?: Partial<TenantLimits>;
  /**
   * Whether the caps are for the tenant or for each of its users. Default: `subject` for a tenant whose callers a
   * verifier lets in, because they are many users; else `tenant`.
   */
  readonly limitsPer?: 'tenant' | 'subject';
  /**
   * Milliseconds without a message after which a session's server is closed, to save memory. The session stays, and its
   * next call gets it a new server, which knows what the client has said at `initialize`, its log level and its
   * subscriptions; what a server keeps in variables of its own is lost, and until
   * then it says nothing of its own accord. Default: never.
   */
  readonly parkAfterMs?: number;
  /** Who is asked before its calls and told of their end, after those of the tessera. Default: nobody. */
  readonly hooks?: CallHooks;
  /** Which eras it serves; a request of another one is answered so that clients look for one they share. Default: those of the tessera. */
  readonly eras?: readonly Era[];
  /** How it serves MCP 2026-07-28, where that differs from the tessera. Default: as the tessera does. */
  readonly stateless?: StatelessOptions;
  /**
   * `static` when the tools, prompts and resource templates of its servers never change while a server lives, or are told of
   * by `list_changed`: then lists are remembered without limit. Default: for `rememberListsMs`.
   */
  readonly lists?: 'static';
  /** Whether its tokens are let in. @default true */
  readonly enabled?: boolean;
  /** The program's own notes; kept as they are. @default {} */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** What can be changed of a tenant. */
export interface TenantChanges {
  readonly server?: ServerFactory;
  /** False turns its tokens away with 403 and ends its open streams; its sessions stay for when it is true again. */
  readonly enabled?: boolean;
  readonly limits?: Partial<TenantLimits>;
}

/** How a change of the server treats sessions that are open. */
export interface UpdateOptions {
  /**
   * `swap`: the new server takes over each session with its next call; calls in flight finish on the old one, and clients
   * hear that their lists have changed. `drain`: they keep the server they have until they end. `end`: they end as
   * soon as the new server has been tried out. @default 'swap'
   */
  readonly sessions?: SessionsOnUpdate;
  /** With `drain`: milliseconds after which sessions that still have the old server end. @default 1800000 (30 min) */
  readonly graceMs?: number;
}

const TENANT_OPTION_NAMES: Readonly<Record<keyof TenantOptions, true>> = {
  id: true,
  server: true,
  tokens: true,
  limits: true,
  limitsPer: true,
  parkAfterMs: true,
  hooks: true,
  eras: true,
  stateless: true,
  lists: true,
  enabled: true,
  metadata: true,
};

/**
 * What a tenant is made of, out of its options and those of the tessera.
 *
 * @throws `invalid_option`
 */
export function resolveTenant(
  given: TenantOptions,
  options: ResolvedOptions,
): Omit<TenantParts, 'services' | 'events'> {
  checkNames('', given, Object.keys(TENANT_OPTION_NAMES));
  const { id, server: factory, metadata = {}, parkAfterMs = Infinity } = given;
  const { limitsPer = options.auth.options.tenant === undefined ? 'tenant' : 'subject' } = given;
  checkChoice('limitsPer', limitsPer, ['tenant', 'subject']);
  if (given.lists !== undefined) checkChoice('lists', given.lists, ['static']);
  if (parkAfterMs !== Infinity) checkDuration('parkAfterMs', parkAfterMs);
  return {
    id,
    factory,
    limits: resolveTenantLimits(options.limits, given.limits),
    perSubject: limitsPer === 'subject',
    parkAfterMs,
    hooks: checkHooks('hooks.', given.hooks),
    eras: given.eras === undefined ? options.eras : checkEras(given.eras),
    stateless: resolveStateless(given.stateless, options.stateless),
    rememberListsMs: options.rememberListsMs,
    staticLists: given.lists === 'static',
    metadata,
  };
}
