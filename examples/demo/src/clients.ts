import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

/** What the story does with a client, whichever SDK it is of. */
export interface DemoClient {
  readonly sdk: 'sdk 1.32' | 'client 2.4';
  /** The era that it speaks here, and the MCP revision that was agreed on. */
  readonly speaks: string;
  /** The session it has; the stateless era has none. */
  readonly sessionId: string | undefined;
  /** What it asked before anything else, and what the endpoint said. */
  readonly probes: readonly string[];
  toolNames(): Promise<string[]>;
  callTool(name: string, input: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

/** Says yes to everything it is asked. */
const CONSENT = { action: 'accept' as const, content: { sure: true } };

/** Connects a client of `@modelcontextprotocol/sdk` 1.32, which knows sessions only. */
export async function connectV1(url: string, token: string): Promise<DemoClient> {
  const client = new ClientV1({ name: 'demo', version: '1.0.0' }, { capabilities: { elicitation: {} } });
  client.setRequestHandler(ElicitRequestSchema, () => CONSENT);
  const transport = new TransportV1(new URL(url), { requestInit: { headers: bearer(token) } });
  await client.connect(transport);
  return {
    sdk: 'sdk 1.32',
    speaks: spoken(transport.sessionId, transport.protocolVersion),
    sessionId: transport.sessionId,
    probes: [],
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name, input) => textOf(await client.callTool({ name, arguments: input })),
    close: () => client.close(),
  };
}

/** Connects a client of `@modelcontextprotocol/client` 2.4, which asks for the stateless era first. */
export async function connectV2(url: string, token: string): Promise<DemoClient> {
  const probes: string[] = [];
  const client = new ClientV2(
    { name: 'demo', version: '1.0.0' },
    { capabilities: { elicitation: {} }, versionNegotiation: { mode: 'auto' } },
  );
  client.setRequestHandler('elicitation/create', () => CONSENT);
  const transport = new TransportV2(new URL(url), {
    requestInit: { headers: bearer(token) },
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const method = methodOf(init?.body);
      if (method === 'server/discover') probes.push(`${method} → ${await describe(response.clone())}`);
      return response;
    },
  });
  await client.connect(transport);
  return {
    sdk: 'client 2.4',
    speaks: spoken(transport.sessionId, client.getNegotiatedProtocolVersion()),
    sessionId: transport.sessionId,
    probes,
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    callTool: async (name, input) => textOf(await client.callTool({ name, arguments: input })),
    close: () => client.close(),
  };
}

/** The HTTP status a client's request failed with; 0 when it did not fail with one. */
export async function failureStatus(request: Promise<unknown>): Promise<number> {
  try {
    await request;
    return 0;
  } catch (error) {
    const { code, status, data } = error as { code?: unknown; status?: unknown; data?: { status?: unknown } };
    const found = [status, data?.status, code].find((value) => typeof value === 'number');
    return typeof found === 'number' ? found : 0;
  }
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

function methodOf(body: unknown): string {
  if (typeof body !== 'string') return '';
  const { method } = JSON.parse(body) as { method?: string };
  return method ?? '';
}

/** Which era a client is in, and by which revision. */
function spoken(sessionId: string | undefined, revision = 'no revision'): string {
  return `${sessionId === undefined ? 'stateless era' : 'session era'}, MCP ${revision}`;
}

async function describe(response: Response): Promise<string> {
  const { result } = (await response.json()) as { result?: { supportedVersions?: string[] } };
  return `${String(response.status)}, supported: ${result?.supportedVersions?.join(', ') ?? 'none'}`;
}

function textOf(result: unknown): string {
  const { content } = result as { content: { text?: string }[] };
  return content.map(({ text = '' }) => text).join('');
}
