import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { turns } from '../../live-tenancy/helpers/client.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { META } from '../fuzz/helpers/draft.js';
import { StatelessTenant, type StatelessMessage } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

const SCHEMA = { type: 'object' as const, properties: { name: { type: 'string' as const } } };
const SHAPE = { text: z.string() };

/** A server whose tools speak through the server and not through their call, so that nobody can tell for whom it is. */
function speaking(): McpServer {
  const server = new McpServer({ name: 'one', version: '1.0.0' }, { capabilities: { logging: {} } });
  server.registerTool('tell', { inputSchema: SHAPE }, async ({ text }) => {
    await turns(3);
    await server.server.sendLoggingMessage({ level: 'warning', data: `log of ${text}` });
    await turns(3);
    return { content: [{ type: 'text', text }] };
  });
  server.registerTool('ask', { inputSchema: SHAPE }, async ({ text }) => {
    await turns(2);
    const { content } = await server.server.elicitInput({ message: `for ${text}`, requestedSchema: SCHEMA });
    return { content: [{ type: 'text', text: `${text}: ${JSON.stringify(content)}` }] };
  });
  server.registerTool('sample', { inputSchema: SHAPE }, async ({ text }) => {
    const content = { type: 'text' as const, text: `for ${text}` };
    const answer = await server.server.createMessage({ messages: [{ role: 'user', content }], maxTokens: 5 });
    return { content: [{ type: 'text', text: `${text}: ${JSON.stringify(answer.content)}` }] };
  });
  return server;
}

const TEXTS = Array.from({ length: 10 }, (_, index) => `call ${String(index)}`);
const ABLE = { elicitation: {}, sampling: {} };

describe.each([true, false])(
  'A server of SDK v1 that is called many times at once (direct: %s)',
  (direct) => {
    it('Says what it logs to the call that it logs it in.', async () => {
      const tenant = new StatelessTenant(speaking, { direct });
      await Promise.all(
        TEXTS.map(async (text) => {
          const { messages } = await tenant.call('tell', text, { meta: { [META.logLevel]: 'info' } });
          const logged = (messages as StatelessMessage[]).filter(
            ({ method }) => method === 'notifications/message',
          );
          expect(logged.map(({ params }) => params?.['data'])).toEqual([`log of ${text}`]);
          expect((messages.at(-1) as StatelessMessage).result?.content?.[0]?.text).toBe(text);
        }),
      );
    });

    it.each([
      ['ask', { action: 'accept', content: { name: 'Ada' } }, '{"name":"Ada"}'],
      [
        'sample',
        { role: 'assistant', model: 'm', content: { type: 'text', text: 'Ada' } },
        '{"type":"text","text":"Ada"}',
      ],
    ])('Asks each client its own question (%s).', async (tool, response, said) => {
      const tenant = new StatelessTenant(speaking, { direct });
      await Promise.all(
        TEXTS.map(async (text) => {
          const asked = (await tenant.call(tool, text, { capabilities: ABLE })).last?.result;
          expect(asked?.resultType).toBe('input_required');
          expect(JSON.stringify(asked?.inputRequests)).toContain(`for ${text}"`);
          const [key = ''] = Object.keys(asked?.inputRequests ?? {});
          const params = { inputResponses: { [key]: response }, requestState: asked?.requestState };
          const answered = await tenant.call(tool, text, { capabilities: ABLE, params, id: 2 });
          expect(answered.last?.id).toBe(2);
          expect(answered.text).toBe(`${text}: ${said}`);
        }),
      );
      expect(tenant.tessera.getStats()).toMatchObject({ parkedCalls: 0 });
    });
  },
);
