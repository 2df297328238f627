import { Server as LowServerV1 } from '@modelcontextprotocol/sdk/server/index.js';
import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { McpServer as ServerV2 } from '@modelcontextprotocol/server';
import { afterEach, describe, expect, it } from 'vitest';

import { hookConnect } from '../../regressions/helpers/hand-made-server.js';
import { within } from '../../regressions/helpers/waiting.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { answerTo, callOf, tesseraWith, tokenOf } from './helpers/play.js';
import { unhandledRejectionsDuring } from './helpers/rejections.js';

afterEach(closeEverything);

const TOKEN = tokenOf('acme');
const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });

function serverV1(text = 'one'): ServerV1 {
  const server = new ServerV1({ name: text, version: '1' });
  server.registerTool('who', {}, () => said(text));
  return server;
}

function serverV2(text = 'one'): ServerV2 {
  const server = new ServerV2({ name: text, version: '1' });
  server.registerTool('who', {}, () => said(text));
  return server;
}

const MAKERS = [
  ['v1', serverV1],
  ['v2', serverV2],
] as const;

describe('Results that cannot be written as JSON', () => {
  const size = { _meta: { size: 10n } };
  const listsBigV1 = (): ServerV1 => {
    const server = serverV1();
    server.registerTool('big', size, () => said('big'));
    return server;
  };
  const listsBigV2 = (): ServerV2 => {
    const server = serverV2();
    server.registerTool('big', size, () => said('big'));
    return server;
  };

  it.each([
    ['v1', listsBigV1],
    ['v2', listsBigV2],
  ])('A list of a server of SDK %s that holds one is answered with an error.', async (_sdk, server) => {
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
    const answer = await within(5000, answerTo(tessera, { token: TOKEN, method: 'tools/list' }));
    expect(answer).toMatchObject({ id: 1, error: { code: -32603 } });
    expect(tessera.getStats().callsInFlight).toBe(0);
  });

  it('A server that lists one after a change rejects nothing that nobody handles.', async () => {
    let changed = false;
    const servers: LowServerV1[] = [];
    const server = () => {
      const capabilities = { tools: { listChanged: true } };
      const made = new LowServerV1({ name: 'low', version: '1' }, { capabilities });
      made.setRequestHandler(ListToolsRequestSchema, () => ({
        tools: [
          { name: 'who', inputSchema: { type: 'object' as const, ...(changed ? { maximum: 10n } : {}) } },
        ],
      }));
      made.setRequestHandler(CallToolRequestSchema, () => said('one'));
      servers.push(made);
      return made;
    };
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
    await answerTo(tessera, callOf(TOKEN, 'who'));
    changed = true;
    expect(await unhandledRejectionsDuring(async () => servers[0]?.sendToolListChanged())).toEqual([]);
  });
});

describe('Servers that misbehave when they are called', () => {
  const ways = MAKERS.flatMap(([sdk, make]) => [true, false].map((direct) => ({ sdk, make, direct })));

  it.each(ways)(
    'A call that a server of SDK $sdk throws at is answered (direct: $direct).',
    async ({ make, direct }) => {
      const tessera = tesseraWith({ stateless: { direct } });
      const server = () =>
        hookConnect(make(), async (connect, transport) => {
          await connect();
          const own = transport.onmessage;
          transport.onmessage = (message, extra) => {
            if (message.method === 'tools/call') throw new Error('boom at db.internal');
            own?.(message, extra);
          };
        });
      tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
      const rejected = await unhandledRejectionsDuring(async () => {
        const answer = await within(5000, answerTo(tessera, callOf(TOKEN, 'who')));
        expect(answer).toMatchObject({ id: 1, error: { code: -32603 } });
        expect(JSON.stringify(answer)).not.toContain('db.internal');
      });
      expect(rejected).toEqual([]);
      expect(tessera.getStats().callsInFlight).toBe(0);
    },
  );

  it.each([[null], [undefined]])(
    'A call whose server gives %s as its result is answered.',
    async (result) => {
      const tessera = tesseraWith();
      const server = () =>
        hookConnect(serverV1(), async (connect, transport) => {
          await connect();
          const own = transport.onmessage;
          transport.onmessage = (message, extra) => {
            if (message.method !== 'tools/call') own?.(message, extra);
            else transport.send({ jsonrpc: '2.0', id: message.id, result }).catch(() => undefined);
          };
        });
      tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
      expect(await within(5000, answerTo(tessera, callOf(TOKEN, 'who')))).toMatchObject({ id: 1 });
      expect(tessera.getStats().callsInFlight).toBe(0);
    },
  );
});
