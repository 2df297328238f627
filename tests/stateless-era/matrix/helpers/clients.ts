import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { closeLater } from '../../../session-era/helpers/cleanup.js';
import { REVISION } from '../../helpers/envelope.js';

/** What a tool was answered with, as far as the matrix looks at it. */
interface ToolAnswer {
  readonly text: string | undefined;
  readonly structuredContent: unknown;
  readonly isError: boolean;
}

/** A client that is connected, whichever SDK it is of and whichever era it speaks. */
export interface MatrixClient {
  /** The revision that client and server have agreed on. */
  readonly revision: () => string | undefined;
  /** What the user was asked. */
  readonly asked: readonly string[];
  readonly tools: () => Promise<string[]>;
  readonly call: (
    name: string,
    given?: Record<string, unknown>,
    onProgress?: (progress: number) => void,
  ) => Promise<ToolAnswer>;
  readonly resources: () => Promise<string[]>;
  readonly templates: () => Promise<string[]>;
  readonly read: (uri: string) => Promise<unknown>;
  readonly prompts: () => Promise<string[]>;
  readonly prompt: (name: string, given: Record<string, string>) => Promise<unknown>;
  readonly complete: (reference: Reference, name: string, value: string) => Promise<string[]>;
}

type Reference =
  | { readonly type: 'ref/prompt'; readonly name: string }
  | { readonly type: 'ref/resource'; readonly uri: string };

/** A way for clients to connect. */
export interface ClientKind {
  readonly name: string;
  readonly era: 'session' | 'stateless';
  readonly revision: string;
  readonly connect: (url: URL, token: string) => Promise<MatrixClient>;
}

const INFO = { name: 'matrix client', version: '1.0.0' };
const CAPABILITIES = { elicitation: {} };
const ANSWER = { action: 'accept' as const, content: { name: 'Ada' } };

const headersWith = (token: string): { requestInit: { headers: Record<string, string> } } => ({
  requestInit: { headers: { authorization: `Bearer ${token}` } },
});

function toMatrixClient(
  client: ClientV1 | ClientV2,
  revision: () => string | undefined,
  asked: readonly string[],
): MatrixClient {
  return {
    revision,
    asked,
    tools: async () => (await client.listTools()).tools.map(({ name }) => name),
    call: async (name, given = {}, onProgress) => {
      const params = { name, arguments: given };
      const options =
        onProgress === undefined
          ? {}
          : {
              onprogress: ({ progress }: { progress: number }) => {
                onProgress(progress);
              },
            };
      const { content, structuredContent, isError } =
        client instanceof ClientV1
          ? await client.callTool(params, undefined, options)
          : await client.callTool(params, options);
      const [first] = content as { text?: string }[];
      return { text: first?.text, structuredContent, isError: isError === true };
    },
    resources: async () => (await client.listResources()).resources.map(({ uri }) => uri),
    templates: async () =>
      (await client.listResourceTemplates()).resourceTemplates.map(({ uriTemplate }) => uriTemplate),
    read: async (uri) => (await client.readResource({ uri })).contents,
    prompts: async () => (await client.listPrompts()).prompts.map(({ name }) => name),
    prompt: async (name, given) => (await client.getPrompt({ name, arguments: given })).messages,
    complete: async (ref, name, value) =>
      (await client.complete({ ref, argument: { name, value } })).completion.values,
  };
}

async function connectV1(url: URL, token: string): Promise<MatrixClient> {
  const client = new ClientV1(INFO, { capabilities: CAPABILITIES });
  const asked: string[] = [];
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params.message);
    return ANSWER;
  });
  const transport = new TransportV1(url, headersWith(token));
  closeLater(() => client.close());
  await client.connect(transport);
  return toMatrixClient(client, () => transport.protocolVersion, asked);
}

const connectV2 =
  (mode?: VersionNegotiationMode) =>
  async (url: URL, token: string): Promise<MatrixClient> => {
    const negotiation = mode === undefined ? {} : { versionNegotiation: { mode } };
    const client = new ClientV2(INFO, { capabilities: CAPABILITIES, ...negotiation });
    const asked: string[] = [];
    client.setRequestHandler('elicitation/create', ({ params }) => {
      asked.push(params.message);
      return ANSWER;
    });
    closeLater(() => client.close());
    await client.connect(new TransportV2(url, headersWith(token)));
    return toMatrixClient(client, () => client.getNegotiatedProtocolVersion(), asked);
  };

const SESSION_REVISION = '2025-11-25';

export const CLIENTS: readonly ClientKind[] = [
  { name: 'v1 client', era: 'session', revision: SESSION_REVISION, connect: connectV1 },
  { name: 'v2 client', era: 'session', revision: SESSION_REVISION, connect: connectV2() },
  { name: 'v2 client auto', era: 'stateless', revision: REVISION, connect: connectV2('auto') },
  {
    name: 'v2 client pinned',
    era: 'stateless',
    revision: REVISION,
    connect: connectV2({ pin: REVISION }),
  },
];
