import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as ServerV2, Server as LowServerV2 } from '@modelcontextprotocol/server';
import { afterEach, describe, expect, it } from 'vitest';

import { gate, pause } from '../../one-line-server/helpers/watch.js';
import { until, within } from '../../regressions/helpers/waiting.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { answerTo, callOf, post, tesseraWith, textOf, tokenOf } from './helpers/play.js';

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

describe('Hooks', () => {
  it.each(MAKERS)(
    'afterCall is told once for each beforeCall when the client leaves while its server of SDK %s is made.',
    async (_sdk, make) => {
      const slow = gate();
      let began = false;
      let [before, after] = [0, 0];
      const tessera = tesseraWith({
        stateless: { direct: false },
        hooks: {
          beforeCall: () => {
            before += 1;
          },
          afterCall: () => {
            after += 1;
          },
        },
      });
      const server = async () => {
        began = true;
        await slow.opened;
        return make();
      };
      tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
      const leaving = new AbortController();
      const gone = post(tessera, callOf(TOKEN, 'who', { signal: leaving.signal }));
      await until(() => {
        expect(began).toBe(true);
      });
      leaving.abort();
      await within(5000, gone);
      slow.open();
      await answerTo(tessera, callOf(TOKEN, 'who'));
      await pause(50);
      expect(after).toBe(before);
    },
  );

  it.each([true, false])(
    'A call that a server of SDK v2 handles without a capability for it is asked about (direct: %s).',
    async (direct) => {
      const asked: string[] = [];
      const tessera = tesseraWith({
        stateless: { direct },
        hooks: {
          beforeCall: ({ name }) => {
            asked.push(name);
          },
        },
      });
      const server = () => {
        const made = new LowServerV2({ name: 'low', version: '1' }, { capabilities: {} });
        made.fallbackRequestHandler = () => Promise.resolve(said('served'));
        return made;
      };
      tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
      const answer = await answerTo(tessera, callOf(TOKEN, 'paid'));
      if (textOf(answer) === 'served') expect(asked).toEqual(['paid']);
    },
  );

  it.each([true, false])('What a hook answers is for one caller only, too (direct: %s).', async (direct) => {
    const tessera = tesseraWith({
      stateless: { direct },
      hooks: {
        beforeCall: () => ({ answer: { result: { ...said('hook'), cacheScope: 'public', ttlMs: 60_000 } } }),
      },
    });
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: () => serverV2() });
    const { result } = await answerTo(tessera, callOf(TOKEN, 'who'));
    expect(result).toMatchObject({ content: [{ text: 'hook' }], cacheScope: 'private' });
  });

  it.each([true, false])(
    'What a hook answers for a resource has what the revision demands of it (direct: %s).',
    async (direct) => {
      const tessera = tesseraWith({
        stateless: { direct },
        hooks: { beforeCall: () => ({ answer: { result: { contents: [{ uri: 'a://b', text: 'hook' }] } } }) },
      });
      const server = () => {
        const made = serverV2();
        made.registerResource('b', 'a://b', {}, () => ({ contents: [{ uri: 'a://b', text: 'server' }] }));
        return made;
      };
      tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
      const { result } = await answerTo(tessera, {
        token: TOKEN,
        method: 'resources/read',
        params: { uri: 'a://b' },
      });
      expect(result).toMatchObject({ resultType: 'complete', cacheScope: 'private', ttlMs: 0 });
    },
  );
});
