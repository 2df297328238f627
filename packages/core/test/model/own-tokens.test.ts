import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTessera, TesseraError, type Tessera } from '../../src/index.js';
import { deriveKeys, portableDigest } from '../../src/keys/keys.js';
import { systemRandomBytes } from '../../src/shared/platform.js';
import { OwnTokens } from '../../src/tokens/own-tokens.js';
import { FakeTime } from '../helpers/fake-platform.js';
import { plainServer } from '../helpers/requests.js';
import { checkProperty, mostlyMany } from './helpers/check-property.js';

interface KnownToken {
  readonly tenantId: string;
  readonly expiresAt: number | undefined;
  /** Every text it was ever known by, with the time until which it is accepted. */
  readonly texts: Map<string, number>;
}

/** Tokens by what was said of them, looked through from the beginning each time. */
class NaiveTokens {
  readonly #tokens = new Map<string, KnownToken>();

  get size(): number {
    return this.#tokens.size;
  }

  idOf(text: string, now: number): string | undefined {
    return [...this.#tokens].find(([, { texts }]) => (texts.get(text) ?? -Infinity) > now)?.[0];
  }

  tenantOf(tokenId: string): string | undefined {
    return this.#tokens.get(tokenId)?.tenantId;
  }

  isExpired(tokenId: string, now: number): boolean {
    return (this.#tokens.get(tokenId)?.expiresAt ?? Infinity) <= now;
  }

  add(tokenId: string, { tenantId, text, expiresAt }: Added): void {
    this.#tokens.set(tokenId, { tenantId, expiresAt, texts: new Map([[text, Infinity]]) });
  }

  rotate(tokenId: string, newText: string, until: number): void {
    const texts = this.#tokens.get(tokenId)?.texts;
    for (const [text, before] of texts ?? []) texts?.set(text, Math.min(before, until));
    texts?.set(newText, Infinity);
  }

  remove(tokenId: string): void {
    this.#tokens.delete(tokenId);
  }

  idsOf(tenantId: string): string[] {
    return [...this.#tokens].filter(([, token]) => token.tenantId === tenantId).map(([tokenId]) => tokenId);
  }
}

interface Added {
  readonly tenantId: string;
  readonly text: string;
  readonly expiresAt?: number | undefined;
}

/** The registry alone, or behind a tessera. */
interface Registry {
  readonly size: () => number;
  add(added: Added): string;
  rotate(oldText: string, newText: string, graceMs: number): string;
  remove(tokenId: string): boolean;
  removeAll(tenantId: string): void;
  /** Who a text lets in: a token id, or a tenant where the registry tells no more. */
  find(text: string): string | undefined | Promise<string | undefined>;
}

interface Run {
  readonly registry: Registry;
  readonly model: NaiveTokens;
  readonly time: FakeTime;
  /** What finding a text gives, by the model. */
  readonly expected: (text: string, now: number) => string | undefined;
}

const TENANTS = ['a', 'b'];
const TEXTS = ['t-one', 't-two', 't-three', 't-four'];

const tenantId = fc.constantFrom(...TENANTS);
const text = fc.constantFrom(...TEXTS);
const delay = fc.constantFrom(0, 1, 50, 100, 1000);

/** The code of the error that an action ends with; its result when there is none. */
function outcomeOf<Result>(action: () => Result): Result | { readonly code: string } {
  try {
    return action();
  } catch (thrown) {
    if (TesseraError.isInstance(thrown)) return { code: thrown.code };
    throw thrown;
  }
}

const adding = fc
  .record({ tenantId, text, lastsMs: fc.option(delay, { nil: undefined }) })
  .map(({ lastsMs, ...given }) => ({
    toString: () => `add ${given.text} to ${given.tenantId}, lasting ${String(lastsMs)}`,
    run: ({ registry, model, time }: Run): void => {
      const expiresAt = lastsMs === undefined ? undefined : time.now() + lastsMs;
      const isKnown = model.idOf(given.text, time.now()) !== undefined;
      const outcome = outcomeOf(() => registry.add({ ...given, expiresAt }));
      if (typeof outcome === 'string') model.add(outcome, { ...given, expiresAt });
      expect(outcome).toEqual(isKnown ? { code: 'duplicate_token' } : expect.any(String));
    },
  }));

const rotating = fc.record({ old: text, next: text, graceMs: delay }).map(({ old, next, graceMs }) => ({
  toString: () => `rotate ${old} to ${next}, grace ${String(graceMs)}`,
  run: ({ registry, model, time }: Run): void => {
    const now = time.now();
    const tokenId = model.idOf(old, now);
    const isKnown = model.idOf(next, now) !== undefined;
    const outcome = outcomeOf(() => registry.rotate(old, next, graceMs));
    if (tokenId === undefined) expect(outcome).toEqual({ code: 'unknown_token' });
    else if (isKnown) expect(outcome).toEqual({ code: 'duplicate_token' });
    else {
      expect(outcome).toBe(tokenId);
      model.rotate(tokenId, next, now + graceMs);
    }
  },
}));

const removing = text.map((one) => ({
  toString: () => `remove the token of ${one}`,
  run: ({ registry, model, time }: Run): void => {
    const tokenId = model.idOf(one, time.now());
    expect(registry.remove(tokenId ?? 'tok_unknown')).toBe(tokenId !== undefined);
    if (tokenId !== undefined) model.remove(tokenId);
  },
}));

const removingAll = tenantId.map((tenant) => ({
  toString: () => `remove all tokens of ${tenant}`,
  run: ({ registry, model }: Run): void => {
    registry.removeAll(tenant);
    for (const tokenId of model.idsOf(tenant)) model.remove(tokenId);
  },
}));

const waiting = fc.constantFrom(1, 49, 50, 100, 999).map((ms) => ({
  toString: () => `wait ${String(ms)}`,
  run: ({ time }: Run): Promise<void> => time.advance(ms),
}));

const step = fc.oneof(
  { weight: 4, arbitrary: adding },
  { weight: 10, arbitrary: rotating },
  { weight: 1, arbitrary: removing },
  { weight: 1, arbitrary: removingAll },
  { weight: 4, arbitrary: waiting },
);

const steps = mostlyMany(step, { many: 30, maximum: 60 });

async function check(all: readonly { run(given: Run): void | Promise<void> }[], given: Run): Promise<void> {
  for (const step of all) {
    await step.run(given);
    const now = given.time.now();
    for (const one of TEXTS) expect(await given.registry.find(one)).toBe(given.expected(one, now));
    expect(given.registry.size()).toBe(given.model.size);
  }
}

function registryAlone(time: FakeTime): Registry {
  const keys = deriveKeys(undefined, systemRandomBytes);
  const tokens = new OwnTokens({
    digest: portableDigest,
    keys,
    clock: time,
    randomBytes: systemRandomBytes,
  });
  return {
    size: () => tokens.size,
    add: ({ tenantId: tenant, text: token, expiresAt }) =>
      tokens.add(tenant, token, expiresAt === undefined ? {} : { expiresAt }).tokenId,
    rotate: (old, next, graceMs) => tokens.rotate(old, next, graceMs).tokenId,
    remove: (tokenId) => tokens.remove(tokenId) !== undefined,
    removeAll: (tenant) => tokens.removeAll(tenant),
    find: (token) => tokens.findToken(token)?.tokenId,
  };
}

function registryOf(tessera: Tessera): Registry {
  const addTenant = (id: string): void => {
    tessera.addTenant({ id, server: () => plainServer(id) });
  };
  for (const id of TENANTS) addTenant(id);
  return {
    size: () => tessera.getStats().tokens,
    add: ({ tenantId: tenant, text: token, expiresAt }) =>
      tessera.addToken(tenant, token, expiresAt === undefined ? {} : { expiresAt }).tokenId,
    rotate: (old, next, graceMs) => tessera.rotateToken(old, next, { graceMs }).tokenId,
    remove: (tokenId) => tessera.removeToken({ tokenId }),
    removeAll: (tenant) => {
      tessera.removeTenant(tenant);
      addTenant(tenant);
    },
    find: async (token) => {
      let tenantOf: string | undefined;
      tessera.once('requestHandled', (event) => {
        tenantOf = event.tenantId;
      });
      const answer = await tessera.handle({
        method: 'DELETE',
        url: '/mcp',
        headers: new Headers({ authorization: `Bearer ${token}` }),
        text: () => Promise.resolve(''),
      });
      // Whoever is let in is only told that there is no session.
      expect(answer.status).toBe(tenantOf === undefined ? 401 : 400);
      return tenantOf;
    },
  };
}

describe('Registered tokens and a naive list of them', () => {
  it(
    'know the same tokens by the same texts, whatever is added, rotated, removed and waited for',
    { timeout: 60_000 },
    async () => {
      const property = fc.asyncProperty(steps, async (all) => {
        const time = new FakeTime();
        const model = new NaiveTokens();
        const expected = (one: string, now: number): string | undefined => model.idOf(one, now);
        await check(all, { registry: registryAlone(time), model, time, expected });
      });
      await checkProperty(property, { runs: 200 });
    },
  );

  it('let the same callers in, and nobody whose token has expired', async () => {
    const property = fc.asyncProperty(steps, async (all) => {
      const time = new FakeTime();
      const tessera = createTessera({
        clock: time,
        timers: time,
        logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
      });
      const model = new NaiveTokens();
      const expected = (one: string, now: number): string | undefined => {
        const tokenId = model.idOf(one, now);
        return tokenId === undefined || model.isExpired(tokenId, now) ? undefined : model.tenantOf(tokenId);
      };
      await check(all, { registry: registryOf(tessera), model, time, expected });
      await tessera.close();
    });
    await checkProperty(property, { runs: 60 });
  });
});

function ignore(): void {
  // Warnings of weak tokens are of no interest here.
}
