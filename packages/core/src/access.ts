import { VerifiedCallers } from './auth/verified-callers.js';
import { coreError } from './errors/core-error.js';
import type { Caller } from './shared/caller.js';
import type { Answer } from './shared/edge.js';
import type { FlowState } from './shared/flow-state.js';
import type { TesseraParts } from './tessera-parts.js';
import type { Tenant } from './tenants/tenant.js';
import { refuseToken } from './tokens/refuse-token.js';
import { digestToken } from './tokens/token.js';

/** The flow's state, for those who may change it. */
export type MutableFlowState = { -readonly [Name in keyof FlowState]: FlowState[Name] };

/** What a caller gets whose token is taken away while a call of theirs is waiting. */
export function removedAnswer(): Answer {
  return refuseToken('invalid_token', 'The token was removed.');
}

/** Access that is given and taken by others than the tessera itself: registries, verifiers and providers. */
export class Access {
  readonly verified: VerifiedCallers | undefined;
  readonly #parts: TesseraParts;
  readonly #state: MutableFlowState;
  readonly #detach: (() => void)[];

  constructor(parts: TesseraParts, state: MutableFlowState) {
    this.#parts = parts;
    this.#state = state;
    const { auth, digest, keys, clock, logger } = parts.options;
    const { options, verifier, rememberMs } = auth;
    if (verifier !== undefined) {
      this.verified = new VerifiedCallers({
        auth: options,
        verifier,
        rememberMs,
        digest,
        keys,
        clock,
        logger,
      });
    }
    const registries = (options.registries ?? []).flatMap(
      (registry) =>
        registry.attach?.({
          revoked: (tokenId, tenantId) => {
            this.#revoked(tokenId, tenantId);
          },
        }) ?? [],
    );
    const provider = options.provider?.attach?.({
      revoked: (token) => {
        this.tokenRefused(token);
      },
    });
    this.#detach = provider === undefined ? registries : [...registries, provider];
  }

  /** Ends what hangs on a token that its verifier or provider no longer accepts. */
  tokenRefused(token: string): void {
    const { options, tenants } = this.#parts;
    this.#state.accessVersion += 1;
    this.verified?.forget(digestToken(options.digest, options.keys, token));
    const place = this.verified?.placeOf(token);
    if (place === undefined) return;
    const { tokenId, tenantId } = place;
    const concerned = tenantId === undefined ? tenants.all() : [tenants.find(tenantId)];
    for (const tenant of concerned) this.#endToken(tenant, tokenId);
  }

  /** The tenant that a provider's token is. It exists while it has sessions, or is about to. */
  adoptTenant({ principal }: Caller): Tenant {
    const { tenants, options, services, events } = this.#parts;
    const { tenantId: id } = principal;
    const known = tenants.find(id);
    if (known !== undefined) return known;
    const tenant = tenants.add({
      id,
      factory: noFactory,
      limits: options.limits,
      eras: options.eras,
      stateless: options.stateless,
      rememberListsMs: options.rememberListsMs,
      staticLists: false,
      metadata: {},
      services,
      events,
      // It may have been removed, and have a successor of the same id.
      onUnused: () => {
        if (tenants.find(id) === tenant) tenants.remove(id);
      },
    });
    return tenant;
  }

  /** Stops listening to registries and the provider. */
  detach(): void {
    for (const detach of this.#detach) detach();
  }

  #revoked(tokenId: string, tenantId: string | undefined): void {
    const { tenants } = this.#parts;
    this.#state.accessVersion += 1;
    const concerned = tenantId === undefined ? tenants.all() : [tenants.find(tenantId)];
    for (const tenant of concerned) this.#endToken(tenant, tokenId);
  }

  #endToken(tenant: Tenant | undefined, tokenId: string): void {
    const principal = tenant?.endToken(tokenId, removedAnswer());
    if (principal === undefined) return;
    const { tenantId, fingerprint } = principal;
    this.#parts.events.emit('tokenRemoved', { tenantId, tokenId, fingerprint });
  }
}

/** A provider's servers are made with the token of the request at hand, so its tenants have no factory to keep. */
function noFactory(): never {
  throw coreError('invalid_factory', 'The servers of this tenant are made by its provider.');
}
