import type { McpServerLike, ServerFactory, TesseraOptions } from '@tessera-mcp/core';
import { expect, vi } from 'vitest';
import { FakeTime } from '../../../packages/core/test/helpers/fake-platform.js';
import { textOf, type InitializeOptions } from './messages.js';
import { openSession, type TestSession } from './session.js';
import { answerOf } from './streams.js';
import { createWorld, TOKENS, type Setting, type World } from './world.js';

/** After how long sessions of the tenant `acme` are parked. */
export const PARK_AFTER_MS = 60_000;

interface Asleep {
  readonly world: World;
  readonly time: FakeTime;
  readonly session: TestSession;
}

interface AsleepOptions extends InitializeOptions {
  /** Makes the servers of the tenant. Default: those of the setting. */
  readonly server?: ServerFactory;
  readonly tessera?: TesseraOptions;
  /** What the client says while it is awake. */
  readonly before?: (session: TestSession) => Promise<unknown>;
}

/** A session that was used and is parked now. */
export async function createAsleep(setting: Setting, options: AsleepOptions = {}): Promise<Asleep> {
  const { server, tessera, before, ...initialize } = options;
  const time = new FakeTime();
  const ofAcme = { parkAfterMs: PARK_AFTER_MS, ...(server === undefined ? {} : { server }) };
  const world = await createWorld(setting, { clock: time, timers: time, ...tessera }, ofAcme);
  const session = await openSession(world, TOKENS.acme, initialize);
  await before?.(session);
  await time.advance(PARK_AFTER_MS + 2000);
  expect(world.tessera.getStats()).toMatchObject({ parkedSessions: 1, activeServers: 0 });
  return { world, time, session };
}

/** The name of the server that answers a session's call. */
export const whoAmI = async (session: TestSession, id = 1): Promise<string | undefined> =>
  textOf(await answerOf(await session.call(id, 'whoami')));

/** A factory whose first server is made at once; later ones wait until they are let go. */
export function slowFactory(make: () => McpServerLike): {
  readonly server: ServerFactory;
  readonly untilAsked: () => Promise<void>;
  readonly letGo: () => void;
} {
  let made = 0;
  let letGo = (): void => undefined;
  const gate = new Promise<void>((resolve) => (letGo = resolve));
  return {
    server: async () => {
      made += 1;
      if (made > 1) await gate;
      return make();
    },
    untilAsked: () =>
      vi.waitFor(() => {
        expect(made).toBe(2);
      }),
    letGo,
  };
}

/** A factory that fails as often as it is told to, after its first server. */
export function failingFactory(
  make: () => McpServerLike,
  fail: () => Promise<never>,
  times = 1,
): ServerFactory {
  let made = 0;
  return () => {
    made += 1;
    return made > 1 && made <= 1 + times ? fail() : make();
  };
}
