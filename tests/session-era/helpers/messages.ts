export type Id = string | number;

interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: {
    readonly code?: string;
    readonly errorId?: string;
    readonly supported?: string[];
    readonly requested?: string;
  };
}

/** Any JSON-RPC message, as loosely as a test needs it. */
export interface Message {
  readonly jsonrpc: '2.0';
  readonly id?: Id | null;
  readonly method?: string;
  readonly params?: {
    readonly progressToken?: Id;
    readonly progress?: number;
    readonly level?: string;
    readonly data?: string;
    readonly message?: string;
    readonly uri?: string;
    readonly notifications?: Readonly<Record<string, unknown>>;
    readonly _meta?: Readonly<Record<string, unknown>>;
  };
  readonly result?: {
    readonly protocolVersion?: string;
    readonly serverInfo?: { readonly name: string };
    readonly content?: { readonly text: string }[];
    readonly isError?: boolean;
    readonly tools?: { readonly name: string }[];
    readonly resources?: { readonly uri: string }[];
    readonly prompts?: { readonly name: string }[];
    readonly contents?: { readonly uri: string; readonly text?: string }[];
    readonly messages?: { readonly content: { readonly text?: string } }[];
    readonly resultType?: string;
    readonly inputRequests?: Readonly<Record<string, { readonly method: string; readonly params?: object }>>;
    readonly requestState?: string;
    readonly supportedVersions?: string[];
    readonly ttlMs?: number;
    readonly cacheScope?: string;
  };
  readonly error?: RpcError;
}

export const VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'] as const;

export interface InitializeOptions {
  readonly id?: Id;
  readonly version?: string;
  readonly capabilities?: object;
}

export const initializeMessage = (options: InitializeOptions = {}): object => ({
  jsonrpc: '2.0',
  id: options.id ?? 0,
  method: 'initialize',
  params: {
    protocolVersion: options.version ?? VERSIONS[0],
    capabilities: options.capabilities ?? {},
    clientInfo: { name: 'test client', version: '1.0.0' },
  },
});

export const request = (id: Id, method: string, params?: object): object => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(params === undefined ? {} : { params }),
});

export const notification = (method: string, params?: object): object => ({
  jsonrpc: '2.0',
  method,
  ...(params === undefined ? {} : { params }),
});

export const toolCall = (id: Id, name: string, text = '', progressToken?: Id): object =>
  request(id, 'tools/call', {
    name,
    arguments: { text },
    ...(progressToken === undefined ? {} : { _meta: { progressToken } }),
  });

/** The text of a tool's answer. */
export const textOf = (message: Message): string | undefined => message.result?.content?.[0]?.text;
