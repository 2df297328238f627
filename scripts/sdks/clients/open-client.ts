import {
  ANSWERS,
  CAPABILITY_OF,
  type CallOptions,
  type Notification,
  type Question,
  type SdkClient,
} from './client.js';

/** As much of a `Client` as both lines of the SDK have. */
export interface Client {
  connect(transport: Transport): Promise<void>;
  close(): Promise<void>;
  listTools(): Promise<{ tools: { name: string }[] }>;
  readResource(parameters: { uri: string }): Promise<{ contents: { text: string }[] }>;
  getPrompt(parameters: object): Promise<{ messages: { content: { text: string } }[] }>;
  complete(parameters: object): Promise<{ completion: { values: string[] } }>;
  subscribeResource(parameters: { uri: string }): Promise<unknown>;
  unsubscribeResource(parameters: { uri: string }): Promise<unknown>;
  setLoggingLevel(level: string): Promise<unknown>;
}

/** The HTTP transport of a client. */
interface Transport {
  readonly sessionId?: string;
  terminateSession(): Promise<void>;
}

/** What a tool call brings. */
export interface ToolResult {
  readonly content: readonly { readonly text: string }[];
  readonly isError?: boolean;
}

/** What the lines of the SDK say differently. */
export interface ClientDialect<Own extends Client> {
  readonly Client: new (info: object, options: object) => Own;
  readonly StreamableHTTPClientTransport: new (url: URL, options: object) => Transport;
  readonly knows: (question: Question) => boolean;
  readonly onQuestion: (client: Own, question: Question, answer: () => object) => void;
  readonly onNotifications: (client: Own, hear: (notification: Notification) => void) => void;
  readonly callTool: (client: Own, parameters: object, options: CallOptions) => Promise<ToolResult>;
}

/** Where a client goes, and what it shows at the door. */
export interface Destination {
  readonly url: string;
  readonly token: string;
}

/** A client that is still to be connected. It declares each capability its release has, and answers each question. */
export function openClient<Own extends Client>(
  dialect: ClientDialect<Own>,
  { url, token }: Destination,
): SdkClient {
  const questions = (Object.keys(ANSWERS) as Question[]).filter((question) => dialect.knows(question));
  const capabilities = Object.fromEntries(questions.map((question) => [CAPABILITY_OF[question], {}]));
  const client = new dialect.Client({ name: 'a client', version: '1.0.0' }, { capabilities });
  for (const question of questions) dialect.onQuestion(client, question, () => ANSWERS[question]);
  const notifications: Notification[] = [];
  dialect.onNotifications(client, (notification) => notifications.push(notification));
  const transport = new dialect.StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  return {
    notifications,
    knows: dialect.knows,
    connect: () => client.connect(transport),
    close: () => client.close(),
    sessionId: () => transport.sessionId,
    terminate: () => transport.terminateSession(),
    listTools: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name, text, options = {}) => {
      const { content, isError = false } = await dialect.callTool(
        client,
        { name, arguments: { text } },
        options,
      );
      return { text: content.map((block) => block.text).join('\n'), isError };
    },
    readResource: async (uri) => textOf((await client.readResource({ uri })).contents),
    getPrompt: async (name, given) => {
      const { messages } = await client.getPrompt({ name, arguments: given });
      return textOf(messages.map(({ content }) => content));
    },
    complete: async (prompt, argument) => {
      const ref = { type: 'ref/prompt', name: prompt };
      return (await client.complete({ ref, argument })).completion.values;
    },
    subscribe: async (uri) => {
      await client.subscribeResource({ uri });
    },
    unsubscribe: async (uri) => {
      await client.unsubscribeResource({ uri });
    },
    setLogLevel: async (level) => {
      await client.setLoggingLevel(level);
    },
  };
}

function textOf(blocks: readonly { readonly text: string }[]): string {
  return blocks.map(({ text }) => text).join('\n');
}
