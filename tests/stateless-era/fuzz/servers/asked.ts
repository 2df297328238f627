/** What the fixture servers know of whom they are made for. */
export interface MadeFor {
  readonly scopes: readonly string[];
}

/** What a tool is told of its call, whichever SDK its server is made of. */
export interface Asked {
  readonly given: Readonly<Record<string, unknown>>;
  /** Everything by which one caller differs from another, from all the places where a server finds it. */
  readonly who: object;
  /** What `_meta` of the request holds besides the envelope. */
  readonly meta: unknown;
  readonly header: (name: string) => string | null;
  readonly progress: (progress: number) => Promise<void>;
  readonly log: (level: 'debug' | 'warning', data: string) => Promise<void>;
}
