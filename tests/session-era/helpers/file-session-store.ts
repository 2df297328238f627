import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionStore, StoredSession, StorePlace } from '@tessera-mcp/core';

/** Keeps sessions in files, so that a process which is killed leaves whole ones behind. */
export class FileSessionStore implements SessionStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  save(place: StorePlace, session: StoredSession): void {
    const file = this.#fileOf(place);
    mkdirSync(join(this.#folder, place.tenantId), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(session));
    renameSync(`${file}.new`, file);
  }

  load(place: StorePlace): StoredSession | undefined {
    try {
      return JSON.parse(readFileSync(this.#fileOf(place), 'utf8')) as StoredSession;
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw thrown;
    }
  }

  remove(place: StorePlace, owner: string): void {
    if (this.load(place)?.owner === owner) rmSync(this.#fileOf(place));
  }

  #fileOf({ tenantId, session }: StorePlace): string {
    return join(this.#folder, tenantId, `${session}.json`);
  }
}
