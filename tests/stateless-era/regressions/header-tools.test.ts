import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { Server as LowServerV1 } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

import { gate } from '../../one-line-server/helpers/watch.js';
import { until } from '../../regressions/helpers/waiting.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { answerTo, callOf, post, tesseraWith, tokenOf } from './helpers/play.js';

afterEach(closeEverything);

const TOKEN = tokenOf('acme');
const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });
const wrongRegion = callOf(TOKEN, 'regional', {
  params: { arguments: { region: 'eu' } },
  headers: { 'mcp-param-region': 'us' },
});

describe('Parameters that travel in headers', () => {
  it('They are compared also while another call changes the tools of its server.', async () => {
    const slow = gate();
    let changed = false;
    const server = () => {
      const made = new ServerV1({ name: 'one', version: '1' });
      const region = z.string().meta({ 'x-mcp-header': 'Region' });
      made.registerTool('regional', { inputSchema: { region } }, ({ region }) => said(region));
      made.registerTool('changing', {}, async () => {
        if (changed) return said('changed already');
        made.registerTool('another', {}, () => said('another'));
        changed = true;
        await slow.opened;
        return said('changed');
      });
      return made;
    };
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
    expect((await post(tessera, wrongRegion)).status).toBe(400);
    const changing = answerTo(tessera, callOf(TOKEN, 'changing'));
    await until(() => {
      expect(changed).toBe(true);
    });
    expect((await post(tessera, wrongRegion)).status).toBe(400);
    slow.open();
    await changing;
  });

  it('They are compared also when the tools could not be listed at first.', async () => {
    let lists = 0;
    const server = () => {
      const made = new LowServerV1({ name: 'low', version: '1' }, { capabilities: { tools: {} } });
      made.setRequestHandler(ListToolsRequestSchema, () => {
        lists += 1;
        if (lists === 1) throw new Error('The upstream is not there yet.');
        const properties = { region: { type: 'string', 'x-mcp-header': 'Region' } };
        return { tools: [{ name: 'regional', inputSchema: { type: 'object' as const, properties } }] };
      });
      made.setRequestHandler(CallToolRequestSchema, ({ params }) =>
        said(String(params.arguments?.['region'])),
      );
      return made;
    };
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
    await answerTo(tessera, { token: TOKEN, method: 'tools/list' });
    expect((await post(tessera, wrongRegion)).status).toBe(400);
  });
});
