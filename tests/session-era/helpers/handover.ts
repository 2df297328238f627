import { randomBytes } from 'node:crypto';
import type { SessionStore, StoredSession, StorePlace, TesseraOptions } from '@tessera-mcp/core';
import { TestSession } from './session.js';
import { createWorld, type Setting, type World } from './world.js';

/** The secret that tesseras share which share a store. */
export const KEYS: { readonly secret: string } = { secret: randomBytes(32).toString('base64') };

/** A store that shows what it keeps, as text. */
export class OpenStore implements SessionStore {
  readonly texts = new Map<string, string>();
  loads = 0;
  saves = 0;

  save(place: StorePlace, session: StoredSession): void | Promise<void> {
    this.saves += 1;
    this.texts.set(keyOf(place), JSON.stringify(session));
  }

  load(place: StorePlace): StoredSession | undefined | Promise<StoredSession | undefined> {
    this.loads += 1;
    const text = this.texts.get(keyOf(place));
    return text === undefined ? undefined : (JSON.parse(text) as StoredSession);
  }

  remove(place: StorePlace, owner: string): void | Promise<void> {
    const text = this.texts.get(keyOf(place));
    if (text !== undefined && (JSON.parse(text) as StoredSession).owner === owner) {
      this.texts.delete(keyOf(place));
    }
  }

  /** Everything that is kept. */
  all(): StoredSession[] {
    return [...this.texts.values()].map((text) => JSON.parse(text) as StoredSession);
  }

  /** Puts something else in the place of every session. */
  replaceAll(change: (session: StoredSession) => unknown): void {
    for (const [key, text] of this.texts) {
      this.texts.set(key, JSON.stringify(change(JSON.parse(text) as StoredSession)));
    }
  }
}

const keyOf = ({ tenantId, session }: StorePlace): string => JSON.stringify([tenantId, session]);

/** Worlds that share keys and a store, as processes behind a load balancer do. */
export async function createReplicas(
  setting: Setting,
  sessions: SessionStore,
  options: TesseraOptions = {},
): Promise<[World, World]> {
  const shared = { keys: KEYS, stores: { sessions }, ...options };
  return [await createWorld(setting, shared), await createWorld(setting, shared)];
}

/** The same session of the same client, whose requests go to another world now. */
export const movedTo = (world: World, session: TestSession): TestSession =>
  new TestSession(world, session.caller);
