/** What the servers of a cell show to the one who checks them. */
export class Stage {
  /** Signals of the calls that wait. */
  readonly held: AbortSignal[] = [];
  /** Addresses of the resources a client has subscribed to. */
  readonly subscribed = new Set<string>();
  /** Sends that a resource has changed, as the newest server does it. */
  sendResourceUpdated: (uri: string) => Promise<void> = () =>
    Promise.reject(new Error('No server was made.'));
}

/** What a tool can do while it runs, whichever SDK its server is made with. */
export interface Caller {
  readonly signal: AbortSignal;
  readonly progress: (progress: number) => Promise<void>;
  readonly log: (level: string, data: string) => Promise<void>;
  readonly sample: (prompt: string) => Promise<unknown>;
  readonly elicit: (message: string) => Promise<unknown>;
  readonly roots: () => Promise<unknown>;
}

/** The tools of every server, by name. */
export type Tools = Readonly<Record<string, (text: string, caller: Caller) => string | Promise<string>>>;

/** The tools of every server. */
export function toolsOn(stage: Stage): Tools {
  return {
    echo: (text) => `echo: ${text}`,
    steps: async (text, { progress }) => {
      for (const step of [1, 2, 3]) await progress(step);
      return text;
    },
    hold: (_text, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('The call was cancelled.'));
        });
        stage.held.push(signal);
      }),
    talk: async (text, { log }) => {
      for (const level of ['debug', 'warning', 'error']) await log(level, `${text} ${level}`);
      return text;
    },
    'ask-model': async (text, { sample }) => JSON.stringify(await sample(text)),
    'ask-user': async (text, { elicit }) => JSON.stringify(await elicit(text)),
    'ask-roots': async (_text, { roots }) => JSON.stringify(await roots()),
  };
}

/** The one resource. */
export const NOTES = { name: 'notes', uri: 'notes://today', text: 'Water the plants.' } as const;

/** The one prompt, whose argument can be completed. */
export const GREETING = { name: 'greeting', argument: 'city', cities: ['Porto', 'Prague', 'Rome'] } as const;

/** What a model is asked. */
export const samplingParameters = (prompt: string): object => ({
  messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
  maxTokens: 10,
});

/** What a user is asked. */
export const elicitationParameters = (message: string): object => ({
  message,
  requestedSchema: { type: 'object', properties: { colour: { type: 'string' } }, required: ['colour'] },
});
