/** Counts what was made and what the garbage collector has taken away again, without keeping any of it. */
export class Census {
  made = 0;
  finalised = 0;
  readonly #registry = new FinalizationRegistry(() => {
    this.finalised += 1;
  });

  /** Counts one more. */
  add(thing: object): void {
    this.made += 1;
    this.#registry.register(thing, undefined);
  }
}
