import type { McpServerLike } from '../../packages/core/src/index.js';
import { currentRelease, importFrom, requireBeside, type SdkLine } from '../sdks/releases.js';

/** A call that waits until it is let go, or until its signal fires. */
export interface HeldCall {
  readonly release: () => void;
  readonly signal: AbortSignal;
}

/** Makes small servers, which are quick to build: what is looked for is what stays of them. */
export type SmallServer = (held: HeldCall[]) => McpServerLike;

interface Extra {
  readonly signal: AbortSignal;
  readonly requestId: string | number;
  sendNotification(notification: object): Promise<void>;
}

interface Context {
  readonly mcpReq: { readonly signal: AbortSignal; notify(notification: object): Promise<void> };
}

interface McpServer extends McpServerLike {
  registerTool(
    name: string,
    config: object,
    call: (given: { text: string }, context: never) => unknown,
  ): void;
}

interface Modules {
  readonly McpServer: new (info: object, options: object) => McpServer;
}

interface Zod {
  string(): unknown;
  object(shape: object): unknown;
}

/** How a handler is reached while it runs. */
interface Reach {
  readonly signal: AbortSignal;
  readonly notify: (notification: object) => Promise<void>;
}

const OPTIONS = { capabilities: { logging: {} } };

/** How small servers are made with the workspace's own SDK. */
export async function smallServerOf(line: SdkLine): Promise<SmallServer> {
  const release = await currentRelease(line, 'server');
  const file = line === 'v1' ? 'dist/esm/server/mcp.js' : 'dist/index.mjs';
  const { McpServer } = (await importFrom(release, file)) as Modules;
  const { z } = requireBeside(release, 'zod') as { z: Zod };
  const fields = { text: z.string() };
  const inputSchema = line === 'v1' ? fields : z.object(fields);
  const reach = line === 'v1' ? reachV1 : reachV2;
  return (held) => {
    const mcp = new McpServer({ name: 'small', version: '1.0.0' }, OPTIONS);
    mcp.registerTool('echo', { inputSchema }, ({ text }) => answer(text));
    mcp.registerTool('hold', { inputSchema }, ({ text }, context) => hold(text, reach(context), held));
    mcp.registerTool('tellAndHold', { inputSchema }, async ({ text }, context) => {
      const reached = reach(context);
      await reached.notify({ method: 'notifications/message', params: { level: 'info', data: 'begun' } });
      return hold(text, reached, held);
    });
    return mcp;
  };
}

function reachV1(extra: Extra): Reach {
  return { signal: extra.signal, notify: (notification) => extra.sendNotification(notification) };
}

function reachV2({ mcpReq }: Context): Reach {
  return { signal: mcpReq.signal, notify: (notification) => mcpReq.notify(notification) };
}

function hold(text: string, { signal }: Reach, held: HeldCall[]): Promise<object> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('The call was ended.'));
    });
    held.push({
      signal,
      release: () => {
        resolve(answer(text));
      },
    });
  });
}

function answer(text: string): object {
  return { content: [{ type: 'text', text }] };
}
