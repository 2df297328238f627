import { EventBus } from './events/event-bus.js';
import { TESSERA_EVENT_NAMES, type TesseraEventArguments } from './events/tessera-events.js';
import { Hooks } from './hooks/hooks.js';
import { resolveOptions, type ResolvedOptions, type TesseraOptions } from './options.js';
import { ServerMaker } from './servers/server-maker.js';
import { Heartbeat } from './shared/heartbeat.js';
import { Spread } from './shared/spread.js';
import { memoryEventLog } from './sessions/streams/memory-event-log.js';
import { sharedCaps } from './limits/admission.js';
import { SessionKeeper } from './sessions/stores/session-keeper.js';
import type { TenantServices } from './tenants/tenant-parts.js';
import { RequestStateSeal } from './stateless/request-state.js';
import { toHex } from './shared/base64url.js';
import { systemCipher } from './shared/platform.js';
import { toError } from './shared/values.js';
import { TesseraCore } from './tessera-core.js';
import type { Tessera } from './tessera.js';
import { Tenants } from './tenants/tenants.js';
import { OwnTokens } from './tokens/own-tokens.js';
import { refuseToken } from './tokens/refuse-token.js';

const ERROR_ID_BYTES = 6;
const OWNER_BYTES = 8;
const UNKNOWN_TOOL_BYTES = 16;

/**
 * Makes a tessera: many MCP servers behind one endpoint, one isolated server for each session of each tenant.
 * It opens no socket and starts no timer before there is a session; an adapter or `fetch` brings it requests.
 *
 * @throws `invalid_option`, whose message names the option and what it may be
 */
export function createTessera(options: TesseraOptions = {}): Tessera {
  return composeTessera(options);
}

/** The same, with what only this package may use of it. */
export function composeTessera(given: TesseraOptions = {}): TesseraCore {
  const options = resolveOptions(given);
  const { clock, timers, randomBytes, logger, digest, keys, limits } = options;
  const events: EventBus<TesseraEventArguments> = new EventBus(TESSERA_EVENT_NAMES, (event, error) => {
    logger.error(`A listener of "${event}" failed: ${error.stack ?? error.message}`);
    // A failing listener of this very event must not call itself for ever.
    if (event !== 'listenerFailed') events.emit('listenerFailed', { event, error });
  });
  const unknownTool = `unknown_${toHex(randomBytes(UNKNOWN_TOOL_BYTES))}`;
  const services: TenantServices = {
    clock,
    timers,
    randomBytes,
    logger,
    seal: new RequestStateSeal({ key: keys.requestState, digest, cipher: systemCipher, clock, randomBytes }),
    limits,
    streams: {
      queuedBytes: limits.queuedBytes,
      retryMs: options.sessions.retryMs,
      resumable: options.sessions.resumable
        ? {
            log: options.stores.events ?? memoryEventLog({ clock, timers }),
            digest,
            key: keys.eventId,
            storeKey: keys.sessionStore,
            randomBytes,
          }
        : undefined,
    },
    maker: new ServerMaker(),
    heartbeat: new Heartbeat({ timers, clock }, options.sessions),
    spread: new Spread({ timers, clock }),
    caps: sharedCaps(limits, clock),
    hooksOf: (own) => Hooks.of([options.hooks, own], unknownTool),
    keeper: keeperOf(options),
    expiredAnswer: refuseToken('invalid_token', 'Token has expired'),
    idleMs: options.sessions.idleMs,
    lifetimeMs: options.sessions.lifetimeMs,
  };
  const report = (thrown: unknown): string => {
    const error = toError(thrown);
    const errorId = toHex(randomBytes(ERROR_ID_BYTES));
    logger.error(`Error ${errorId}: ${error.stack ?? error.message}`);
    events.emit('internalError', { errorId, error });
    return errorId;
  };
  const tokens = new OwnTokens({ digest, keys, clock, randomBytes });
  return new TesseraCore({ options, events, services, report, tokens, tenants: new Tenants() });
}

/** Keeps sessions where the options say so. */
function keeperOf(options: ResolvedOptions): SessionKeeper | undefined {
  const { stores, digest, keys, clock, timers, sessions, limits, randomBytes } = options;
  const { sessions: store } = stores;
  if (store === undefined) return undefined;
  return new SessionKeeper({
    store,
    digest,
    storeKey: keys.sessionStore,
    clock,
    timers,
    idleMs: sessions.idleMs,
    patienceMs: limits.factoryMs,
    owner: toHex(randomBytes(OWNER_BYTES)),
  });
}
