import type { AuthInfo } from '../../src/index.js';

/** What a tool can do during a call, whichever SDK its server is made of. */
export interface CallContext {
  readonly signal: AbortSignal;
  readonly authInfo: AuthInfo | undefined;
  /** Asks the client, in one of the `ASKING_TOOLS`' ways. */
  readonly ask: Record<string, (message: string) => Promise<unknown>>;
  readonly progress: (progress: number) => Promise<void>;
}

type Tool = (text: string, context: CallContext) => string | Promise<string>;

/** Tools that ask the client something: with any request, or with the helpers that contexts of SDK v2 have. */
const ASKING_TOOLS = ['elicit', 'sample', 'elicitInput', 'requestSampling'] as const;

/** What the tools of a server do, and what they saw. */
export class Stage {
  /** Calls of `hold` that wait, by their texts. */
  readonly held = new Map<string, () => void>();
  /** Texts of the calls of `hold` whose signals were aborted. */
  readonly aborted: string[] = [];
  /** What `who` was told about its callers. */
  readonly callers: (AuthInfo | undefined)[] = [];

  readonly tools = new Map<string, Tool>([
    ['echo', (text) => `echo: ${text}`],
    ['hold', (text, { signal }) => this.#hold(text, signal)],
    ...ASKING_TOOLS.map((name): [string, Tool] => [
      name,
      async (text, { ask }) => JSON.stringify(await ask[name]?.(text)),
    ]),
    [
      'count',
      async (text, { progress }) => {
        for (const digit of text) await progress(Number(digit));
        return text;
      },
    ],
    [
      'who',
      (_text, { authInfo }) => {
        this.callers.push(authInfo);
        return authInfo?.token ?? 'nobody';
      },
    ],
  ]);

  /** Lets one call of `hold` finish. */
  release(text: string): void {
    this.held.get(text)?.();
  }

  async #hold(text: string, signal: AbortSignal): Promise<string> {
    await new Promise<void>((resolve) => {
      this.held.set(text, resolve);
      signal.addEventListener('abort', () => {
        this.aborted.push(text);
        resolve();
      });
    });
    return `held: ${text}`;
  }
}
