/** A check that did not pass. Its message is for the reader: what differs, or what a tool printed. */
export class CheckFailed extends Error {
  /** @throws CheckFailed with one line for each problem, when there is one */
  static ifAny(problems: readonly string[]): void {
    if (problems.length > 0) throw new CheckFailed(problems.join('\n'));
  }
}

/** Takes a line that is shown below the name of a check that has passed. */
export type Note = (line: string) => void;

/** Runs checks, prints a line with the time of each, and counts them. */
export class Checks {
  #passed = 0;
  #failed = 0;

  /** Whether nothing has failed so far. */
  get ok(): boolean {
    return this.#failed === 0;
  }

  /** Runs a check; what it throws is printed, and it gives nothing then. */
  async run<Value>(name: string, check: (note: Note) => Promise<Value>): Promise<Value | undefined> {
    const startedAt = performance.now();
    const notes: string[] = [];
    let failure: string | undefined;
    let value: Value | undefined;
    try {
      value = await check((line) => notes.push(line));
      this.#passed += 1;
    } catch (error) {
      this.#failed += 1;
      failure = error instanceof CheckFailed ? error.message : String((error as Error).stack ?? error);
    }
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${failure === undefined ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
    for (const line of notes) console.log(`         ${line}`);
    if (failure !== undefined) console.log(failure.replace(/^/gm, '         '));
    return value;
  }

  /** Prints the totals, and makes the program end with 1 if anything failed. */
  finish(): void {
    console.log(`${String(this.#passed)} passed, ${String(this.#failed)} failed`);
    process.exitCode = this.ok ? 0 : 1;
  }
}

/** Does the same to each, two at a time; the results are in the order of the items. */
export async function inPairs<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as Item);
    }
  };
  await Promise.all([worker(), worker()]);
  return results;
}
