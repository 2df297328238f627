import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { META } from '../fuzz/helpers/draft.js';
import { canonical } from '../fuzz/helpers/json.js';
import { StatelessTenant } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

const TEXT = { type: 'text', text: 'hello' };
const INFO = 'io.modelcontextprotocol/serverInfo';

const RESULTS: readonly (readonly [string, unknown])[] = [
  ['one text', { content: [TEXT] }],
  ['no content at all', {}],
  ['an empty list', { content: [] }],
  ['many texts', { content: [TEXT, TEXT, TEXT] }],
  ['a text that has more', { content: [{ ...TEXT, annotations: { priority: 1 } }] }],
  ['a text that is none', { content: [{ type: 'text', text: 7 }] }],
  ['a block of no known kind', { content: [{ type: 'unheard-of' }] }],
  ['an image', { content: [{ type: 'image', data: 'aGk=', mimeType: 'image/png' }] }],
  ['an image and a text', { content: [TEXT, { type: 'image', data: 'aGk=', mimeType: 'image/png' }] }],
  ['a link', { content: [{ type: 'resource_link', uri: 'a:b', name: 'b' }] }],
  ['a resource', { content: [{ type: 'resource', resource: { uri: 'a:b', text: 'b' } }] }],
  ['content that is no list', { content: 'hello' }],
  ['an error of the tool', { content: [TEXT], isError: true }],
  ['no error of the tool', { content: [TEXT], isError: false }],
  ['isError that is no boolean', { content: [TEXT], isError: 'yes' }],
  ['structured content', { content: [TEXT], structuredContent: { a: [1, { b: null }] } }],
  ['structured content alone', { structuredContent: { a: 1 } }],
  ['structured content that is a list', { content: [TEXT], structuredContent: [1] }],
  ['structured content that is a text', { content: [TEXT], structuredContent: 'a' }],
  ['structured content that is null', { content: [TEXT], structuredContent: null }],
  ['_meta of its own', { content: [TEXT], _meta: { 'acme/trace': 'abc' } }],
  ['_meta that is no object', { content: [TEXT], _meta: 'x' }],
  ['_meta that says who the server is', { content: [TEXT], _meta: { [INFO]: { name: 'x', version: '1' } } }],
  ['a key that nobody knows', { content: [TEXT], unheardOf: 1 }],
  ['a kind of result', { content: [TEXT], resultType: 'complete' }],
  ['a kind of result that there is none of', { content: [TEXT], resultType: 'other' }],
  ['hints for caches', { content: [TEXT], ttlMs: 5, cacheScope: 'public' }],
  ['a state without a question', { content: [TEXT], requestState: 'x' }],
  ['a task', { content: [TEXT], task: { taskId: 'x' } }],
];

function serverWith(result: unknown): Server {
  const server = new Server({ name: 'odd', version: '1.0.0', title: 'Odd' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: [{ name: 'echo', inputSchema: { type: 'object' } }],
  }));
  // What is not read back from JSON would not show that it is what was sent.
  server.setRequestHandler(CallToolRequestSchema, () => JSON.parse(JSON.stringify(result)) as never);
  return server;
}

describe('A result of a server of SDK v1 that knows sessions only', () => {
  it.each(RESULTS)('Is completed in the same way directly and not: %s.', async (_what, result) => {
    const answers: string[] = [];
    for (const direct of [true, false]) {
      const tenant = new StatelessTenant(() => serverWith(result), { direct });
      // The second and the third time, a server is there already.
      for (let count = 0; count < 3; count += 1) {
        const { status, messages } = await tenant.call('echo', 'hello');
        answers.push(canonical({ status, messages }));
      }
    }
    expect(answers).toEqual(answers.map(() => answers.at(-1)));
  });

  it('Says whose it is, and that it is complete, beside what the server has said.', async () => {
    const tenant = new StatelessTenant(() => serverWith({ content: [TEXT], _meta: { 'acme/trace': 'abc' } }));
    for (let count = 0; count < 2; count += 1) {
      const { last } = await tenant.call('echo', 'hello');
      expect(last).toEqual({
        jsonrpc: '2.0',
        id: last?.id,
        result: {
          content: [TEXT],
          resultType: 'complete',
          _meta: { 'acme/trace': 'abc', [INFO]: { name: 'odd', version: '1.0.0', title: 'Odd' } },
        },
      });
    }
  });
});

const SAID: readonly (readonly [string, object])[] = [
  ['one of its own', { method: 'notifications/acme/own', params: { a: 1 } }],
  [
    'that a question is answered elsewhere',
    { method: 'notifications/elicitation/complete', params: { elicitationId: 'e' } },
  ],
  ['how a task goes', { method: 'notifications/tasks/status', params: { taskId: 't', status: 'working' } }],
  ['what only clients say', { method: 'notifications/roots/list_changed' }],
  ['that it was initialized', { method: 'notifications/initialized' }],
  [
    'something for the log, which it has not',
    { method: 'notifications/message', params: { level: 'error', data: 1 } },
  ],
  ['that its prompts have changed, which it has not', { method: 'notifications/prompts/list_changed' }],
  ['that its tools have changed', { method: 'notifications/tools/list_changed' }],
  [
    'that a resource has changed, which it has not',
    { method: 'notifications/resources/updated', params: { uri: 'a:b' } },
  ],
  ['how far it is', { method: 'notifications/progress', params: { progressToken: 'p', progress: 1 } }],
];

function sayingServer(said: object): Server {
  const server = serverWith({ content: [TEXT] });
  server.setRequestHandler(CallToolRequestSchema, async (_request, { requestId: relatedRequestId }) => {
    await server.transport?.send({ jsonrpc: '2.0', ...said } as never, { relatedRequestId });
    return { content: [{ type: 'text', text: 'hello' }] };
  });
  return server;
}

describe('What a server of SDK v1 says during a call', () => {
  it.each(SAID)('Reaches its client in the same way directly and not: %s.', async (_what, said) => {
    const answers: string[] = [];
    const meta = { [META.logLevel]: 'debug', progressToken: 'p' };
    for (const direct of [true, false]) {
      const tenant = new StatelessTenant(() => sayingServer(said), { direct });
      for (let count = 0; count < 3; count += 1) {
        const { status, type, messages } = await tenant.call('echo', 'hello', { meta });
        answers.push(canonical({ status, type, messages }));
      }
    }
    expect(answers).toEqual(answers.map(() => answers.at(-1)));
  });
});
