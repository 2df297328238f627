/* The only file of this package that reads globals beyond the web's data types: everything here can be injected. */

/** Time. Wall-clock time is for expiry dates, monotonic time for durations and idle limits. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since an arbitrary start; never goes backwards. */
  monotonic(): number;
}

/** Timers. A handle is whatever `setTimeout` or `setInterval` returned. */
export interface Timers {
  setTimeout(run: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
  setInterval(run: () => void, delayMs: number): unknown;
  clearInterval(handle: unknown): void;
  /** Runs something in the next turn of the event loop, where the platform can. Default: after a time-out of nothing. */
  setImmediate?(run: () => void): void;
}

/** Fills an array of the given length with cryptographically strong random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

/** Authenticated encryption: what was changed, or bound to something else, does not open. */
export interface Cipher {
  /** @param key 32 bytes. @param nonce 12 bytes, never the same again under one key. */
  seal(key: Uint8Array, nonce: Uint8Array, text: Uint8Array, boundTo: Uint8Array): Promise<Uint8Array>;
  /** Rejects when it does not open. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, boundTo: Uint8Array): Promise<Uint8Array>;
}

/** Where warnings and request lines go. `console` fits, and so does any logger that takes a text. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** The host's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** The host's own timers; they never keep a Node process alive by themselves. */
export const systemTimers: Timers = {
  setTimeout: (run, delayMs) => unref(setTimeout(run, delayMs)),
  clearTimeout: (handle) => {
    clearTimeout(handle as number);
  },
  setInterval: (run, delayMs) => unref(setInterval(run, delayMs)),
  clearInterval: (handle) => {
    clearInterval(handle as number);
  },
  ...immediates(globalThis as HostWithImmediates),
};

interface HostWithImmediates {
  readonly setImmediate?: (run: () => void) => unknown;
}

/** Browsers and some workers have none. */
function immediates(host: HostWithImmediates): Pick<Timers, 'setImmediate'> {
  const { setImmediate } = host;
  return setImmediate === undefined ? {} : { setImmediate: (run) => void setImmediate(run) };
}

/** The host's own random source. */
export const systemRandomBytes: RandomBytes = (length) => crypto.getRandomValues(new Uint8Array(length));

/** The host's own AES-256-GCM (Web Cryptography §29). */
export const systemCipher: Cipher = {
  seal: async (key, nonce, text, boundTo) => {
    const usable = await crypto.subtle.importKey('raw', key as BufferSource, 'AES-GCM', false, ['encrypt']);
    const options = { name: 'AES-GCM', iv: nonce as BufferSource, additionalData: boundTo as BufferSource };
    return new Uint8Array(await crypto.subtle.encrypt(options, usable, text as BufferSource));
  },
  open: async (key, nonce, sealed, boundTo) => {
    const usable = await crypto.subtle.importKey('raw', key as BufferSource, 'AES-GCM', false, ['decrypt']);
    const options = { name: 'AES-GCM', iv: nonce as BufferSource, additionalData: boundTo as BufferSource };
    return new Uint8Array(await crypto.subtle.decrypt(options, usable, sealed as BufferSource));
  },
};

/** The host's own console. */
export const consoleLogger: Logger = {
  debug: (message) => {
    console.debug(message);
  },
  info: (message) => {
    console.info(message);
  },
  warn: (message) => {
    console.warn(message);
  },
  error: (message) => {
    console.error(message);
  },
};

/** The same logger, except that what it throws harms nobody. */
export function safeLogger(logger: Logger): Logger {
  const quietly =
    (level: keyof Logger) =>
    (message: string): void => {
      try {
        logger[level](message);
      } catch {
        // There is no other place to say it.
      }
    };
  return { debug: quietly('debug'), info: quietly('info'), warn: quietly('warn'), error: quietly('error') };
}

function unref(handle: unknown): unknown {
  if (typeof handle === 'object' && handle !== null && 'unref' in handle) {
    (handle as { unref(): void }).unref();
  }
  return handle;
}
