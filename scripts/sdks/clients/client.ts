/** A client of some release, in words that all releases can be put in. */
export interface SdkClient {
  connect(): Promise<void>;
  /** Missing before it is connected and after its session was ended. */
  sessionId(): string | undefined;
  listTools(): Promise<string[]>;
  /** The text a tool answers with. Rejects when the call fails as a whole. */
  callTool(name: string, text: string, options?: CallOptions): Promise<ToolAnswer>;
  readResource(uri: string): Promise<string>;
  getPrompt(name: string, given: Readonly<Record<string, string>>): Promise<string>;
  complete(prompt: string, argument: { readonly name: string; readonly value: string }): Promise<string[]>;
  subscribe(uri: string): Promise<void>;
  unsubscribe(uri: string): Promise<void>;
  setLogLevel(level: string): Promise<void>;
  /** Ends the session at the server. */
  terminate(): Promise<void>;
  close(): Promise<void>;
  /** What it was told so far, in order. */
  readonly notifications: readonly Notification[];
  /** Whether this release has a type for a question that servers may ask. */
  knows(question: Question): boolean;
}

/** What a tool has answered. */
interface ToolAnswer {
  readonly text: string;
  readonly isError: boolean;
}

/** How a call is made. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: { readonly progress: number; readonly total?: number }) => void;
}

/** What a client is told without being asked. */
export interface Notification {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** A question of a server to a client. */
export type Question = 'sampling/createMessage' | 'elicitation/create' | 'roots/list';

/** What every client answers, by question. */
export const ANSWERS: Readonly<Record<Question, object>> = {
  'sampling/createMessage': {
    model: 'a model',
    role: 'assistant',
    content: { type: 'text', text: 'The model says hello.' },
  },
  'elicitation/create': { action: 'accept', content: { colour: 'green' } },
  'roots/list': { roots: [{ uri: 'file:///garden', name: 'garden' }] },
};

/** The capability that a client declares to be asked a question. */
export const CAPABILITY_OF: Readonly<Record<Question, string>> = {
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
};

/** What a server may tell without being asked, as far as it is checked here. */
export const NOTIFICATIONS = [
  'notifications/message',
  'notifications/resources/updated',
  'notifications/tools/list_changed',
  'notifications/resources/list_changed',
  'notifications/prompts/list_changed',
] as const;
