import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as ServerV2 } from '@modelcontextprotocol/server';
import { afterEach, describe, expect, it } from 'vitest';

import { gate } from '../../one-line-server/helpers/watch.js';
import { until } from '../../regressions/helpers/waiting.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { answerTo, callOf, messagesIn, post, tesseraWith, tokenOf } from './helpers/play.js';

afterEach(closeEverything);

const TOKEN = tokenOf('acme');
const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });

function serverV2(text = 'one'): ServerV2 {
  const server = new ServerV2({ name: text, version: '1' });
  server.registerTool('who', {}, () => said(text));
  return server;
}

describe('Answers of refusals', () => {
  it('A call over limits.calls is refused under its own id.', async () => {
    const slow = gate();
    const tessera = tesseraWith({ limits: { calls: 1 } });
    const server = () => {
      const made = serverV2();
      made.registerTool('slow', {}, async () => {
        await slow.opened;
        return said('slow');
      });
      return made;
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
    const first = answerTo(tessera, callOf(TOKEN, 'slow'));
    await until(() => {
      expect(tessera.getStats().callsInFlight).toBe(1);
    });
    const response = await post(tessera, callOf(TOKEN, 'who'));
    expect(response.status).toBe(429);
    expect(await messagesIn(response)).toMatchObject([{ id: 1 }]);
    slow.open();
    await first;
  });

  it('A body that is nested without end is refused like any other that is no message.', async () => {
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: () => serverV2() });
    const body = '['.repeat(300_000) + ']'.repeat(300_000);
    const headers = { 'mcp-protocol-version': '2025-11-25' };
    expect((await post(tessera, { token: TOKEN, method: 'tools/list', body, headers })).status).toBe(400);
  });

  it('What a client says of itself may be nested deeply without being an error of the server.', async () => {
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: () => serverV2() });
    const prefix = 'io.modelcontextprotocol/';
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"who","_meta":{"${prefix}protocolVersion":"2026-07-28","${prefix}clientInfo":{"name":"c","version":"1","deep":${deep}},"${prefix}clientCapabilities":{}}}}`;
    expect((await post(tessera, { ...callOf(TOKEN, 'who'), body })).status).toBeLessThan(500);
  });

  it('A notification whose client does not say properly who it is fails no server.', async () => {
    const tessera = tesseraWith();
    const failed: unknown[] = [];
    tessera.on('serverFailed', ({ error }) => failed.push(error.message));
    const server = () => {
      const made = new ServerV1({ name: 'one', version: '1' });
      made.registerTool('who', {}, () => said('one'));
      return made;
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
    const prefix = 'io.modelcontextprotocol/';
    const meta = {
      [`${prefix}protocolVersion`]: '2026-07-28',
      [`${prefix}clientInfo`]: { name: 5 },
      [`${prefix}clientCapabilities`]: {},
    };
    const method = 'notifications/custom';
    const body = JSON.stringify({ jsonrpc: '2.0', method, params: { _meta: meta } });
    expect((await post(tessera, { token: TOKEN, method, body })).status).toBe(202);
    expect(failed).toEqual([]);
  });
});
