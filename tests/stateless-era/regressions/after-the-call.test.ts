import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { ElicitResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, describe, expect, it } from 'vitest';

import { gate, pause } from '../../one-line-server/helpers/watch.js';
import { within } from '../../regressions/helpers/waiting.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { answerTo, callOf, messagesIn, post, tesseraWith, tokenOf } from './helpers/play.js';

afterEach(closeEverything);

const TOKEN = tokenOf('acme');
const CAPABILITIES = { elicitation: {} };
const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });
const form = (message: string) => ({
  message,
  requestedSchema: { type: 'object' as const, properties: { name: { type: 'string' as const } } },
});

function serverV1(register: (server: ServerV1) => void): ServerV1 {
  const server = new ServerV1({ name: 'asking', version: '1' });
  register(server);
  return server;
}

describe('What a handler says after its call', () => {
  it('Nothing of a call that is over reaches a later one.', async () => {
    const tessera = tesseraWith();
    const over = gate();
    const told = gate();
    const register = (server: ServerV1): void => {
      server.registerTool('early', {}, (extra) => {
        void over.opened.then(async () => {
          const params = { progressToken: 'of the first', progress: 1, message: 'secret of the first' };
          await extra.sendNotification({ method: 'notifications/progress', params });
          told.open();
        });
        return said('early');
      });
      server.registerTool('late', {}, async () => {
        over.open();
        await told.opened;
        return said('late');
      });
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: () => serverV1(register) });
    await answerTo(tessera, callOf(TOKEN, 'early', { capabilities: CAPABILITIES }));
    const response = await post(tessera, callOf(TOKEN, 'late', { capabilities: CAPABILITIES }));
    expect(JSON.stringify(await messagesIn(response))).not.toContain('secret of the first');
  });

  it('A question of a call that is over is not put to the client of a later one.', async () => {
    const tessera = tesseraWith();
    const over = gate();
    const register = (server: ServerV1): void => {
      server.registerTool('early', {}, (extra) => {
        void over.opened.then(async () => {
          const params = form('secret of the first');
          await extra
            .sendRequest({ method: 'elicitation/create', params }, ElicitResultSchema)
            .catch(() => undefined);
        });
        return said('early');
      });
      server.registerTool('late', {}, async () => {
        over.open();
        await pause(100);
        return said('late');
      });
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: () => serverV1(register) });
    await answerTo(tessera, callOf(TOKEN, 'early', { capabilities: CAPABILITIES }));
    const second = await within(
      5000,
      answerTo(tessera, callOf(TOKEN, 'late', { capabilities: CAPABILITIES })),
    );
    expect(JSON.stringify(second)).not.toContain('secret of the first');
  });
});
