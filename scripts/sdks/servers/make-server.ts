import type { McpServerLike } from '../../../packages/core/src/index.js';
import { GREETING, NOTES, toolsOn, type Caller, type Stage } from './stage.js';

/** Makes a server that plays on a stage. */
export type Maker = (stage: Stage, look: ServerLook) => McpServerLike;

/** How one server differs from another one of the same release. */
interface ServerLook {
  readonly name: string;
  /** Names of tools that it has besides. @default [] */
  readonly more?: readonly string[];
}

/** As much of an `McpServer` as both lines of the SDK have. */
export interface McpServer extends McpServerLike {
  registerTool(
    name: string,
    config: object,
    call: (given: { text: string }, context: never) => unknown,
  ): void;
  registerResource(name: string, uri: string, config: object, read: () => unknown): void;
  registerPrompt(name: string, config: object, get: (given: Record<string, unknown>) => unknown): void;
  readonly server: { sendResourceUpdated(parameters: { uri: string }): Promise<void> };
}

/** What the lines of the SDK say differently. */
export interface ServerDialect<Server extends McpServer> {
  readonly McpServer: new (info: object, options: object) => Server;
  readonly completable: (schema: unknown, complete: (typed: string) => string[]) => unknown;
  /** A text, as a schema. */
  readonly text: () => unknown;
  /** An object with these fields, as tools and prompts take it. */
  readonly fields: (shape: Readonly<Record<string, unknown>>) => unknown;
  readonly callerOf: (server: Server, context: never) => Caller;
  /** Sets what answers `resources/subscribe` and `resources/unsubscribe`. */
  readonly onSubscriptions: (server: Server, subscribe: OnUri, unsubscribe: OnUri) => void;
}

/** Answers a request that names a resource. */
export type OnUri = (request: { readonly params: { readonly uri: string } }) => object;

/** As much of zod as servers need; each release brings its own. */
export interface Zod {
  string(): unknown;
  object(shape: Readonly<Record<string, unknown>>): unknown;
}

const OPTIONS = {
  capabilities: { logging: {}, tools: { listChanged: true }, resources: { subscribe: true } },
};

/** The same server in the words of each line. */
export function makerOf<Server extends McpServer>(dialect: ServerDialect<Server>): Maker {
  return (stage, { name, more = [] }) => {
    const mcp = new dialect.McpServer({ name, version: '1.0.0' }, OPTIONS);
    const inputSchema = dialect.fields({ text: dialect.text() });
    for (const [tool, run] of Object.entries(toolsOn(stage))) {
      mcp.registerTool(tool, { inputSchema }, async ({ text }, context) =>
        answer(await run(text, dialect.callerOf(mcp, context))),
      );
    }
    for (const tool of more) {
      mcp.registerTool(tool, { inputSchema }, ({ text }) => answer(`${tool}: ${text}`));
    }
    registerResource(mcp, dialect, stage);
    registerPrompt(mcp, dialect);
    return mcp;
  };
}

function answer(text: string): object {
  return { content: [{ type: 'text', text }] };
}

function registerResource<Server extends McpServer>(
  mcp: Server,
  dialect: ServerDialect<Server>,
  stage: Stage,
): void {
  const { name, uri, text } = NOTES;
  mcp.registerResource(name, uri, {}, () => ({ contents: [{ uri, text }] }));
  const subscribe: OnUri = ({ params }) => {
    stage.subscribed.add(params.uri);
    return {};
  };
  const unsubscribe: OnUri = ({ params }) => {
    stage.subscribed.delete(params.uri);
    return {};
  };
  dialect.onSubscriptions(mcp, subscribe, unsubscribe);
  stage.sendResourceUpdated = (changed) => mcp.server.sendResourceUpdated({ uri: changed });
}

function registerPrompt<Server extends McpServer>(mcp: Server, dialect: ServerDialect<Server>): void {
  const cities = dialect.completable(dialect.text(), (typed) =>
    GREETING.cities.filter((city) => city.startsWith(typed)),
  );
  const argsSchema = dialect.fields({ [GREETING.argument]: cities });
  mcp.registerPrompt(GREETING.name, { argsSchema }, (given) => {
    const text = `Hello from ${String(given[GREETING.argument])}.`;
    return { messages: [{ role: 'user', content: { type: 'text', text } }] };
  });
}
