import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { ElicitResultSchema } from '@modelcontextprotocol/sdk/types.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import type { McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../session-era/helpers/cleanup.js';
import { notification, request, type Id, type Message } from '../session-era/helpers/messages.js';
import { openSession } from '../session-era/helpers/session.js';
import { EventReader } from '../session-era/helpers/streams.js';
import { createWorld, HOSTS, TOKENS } from '../session-era/helpers/world.js';
import { until } from './helpers/waiting.js';

afterEach(closeEverything);

const INFO = { name: 'asking', version: '1.0.0' };

const QUESTION = {
  mode: 'form' as const,
  message: 'Who are you?',
  requestedSchema: { type: 'object' as const, properties: {} },
};

/** Servers whose tool `ask` asks the client, for as long as the call is wanted. */
const SERVERS: readonly { sdk: string; make: (failures: unknown[]) => McpServerLike }[] = [
  {
    sdk: 'SDK v1',
    make: (failures) => {
      const server = new McpServerV1(INFO);
      server.registerTool('ask', {}, async ({ sendRequest, signal }) => {
        const asked = sendRequest({ method: 'elicitation/create', params: QUESTION }, ElicitResultSchema, {
          signal,
        });
        await asked.catch((error: unknown) => failures.push(error));
        return { content: [] };
      });
      return server;
    },
  },
  {
    sdk: 'SDK v2',
    make: (failures) => {
      const server = new McpServerV2(INFO);
      server.registerTool('ask', {}, async ({ mcpReq }) => {
        const { signal } = mcpReq;
        const asked = mcpReq.send({ method: 'elicitation/create', params: QUESTION }, { signal });
        await asked.catch((error: unknown) => failures.push(error));
        return { content: [] };
      });
      return server;
    },
  },
];

const CASES = HOSTS.flatMap((setting) =>
  SERVERS.map((server) => ({ setting, host: setting.name, ...server })),
);

/** The ids of the requests that a client was told are no longer wanted. */
const takenBack = (messages: readonly Message[]): (Id | undefined)[] =>
  messages
    .filter(({ method }) => method === 'notifications/cancelled')
    .map(({ params }) => (params as { requestId?: Id } | undefined)?.requestId);

describe.each(CASES)(
  'A call that waits for an elicitation ($host, asking with $sdk)',
  ({ setting, make }) => {
    it('Cancelling the call takes the elicitation back, under the id the client knows.', async () => {
      const failures: unknown[] = [];
      const world = await createWorld(setting, {}, { server: () => make(failures) });
      const capabilities = { elicitation: {} };
      const session = await openSession(world, TOKENS.acme, { capabilities });
      const listening = await session.listen();
      const ask = (id: Id): Promise<Response> => session.post(request(id, 'tools/call', { name: 'ask' }));
      // A first question that stays open, so that the second one has an id of its own.
      const first = new EventReader(await ask('call-1'));
      const { id: kept } = await first.untilMethod('elicitation/create');
      const second = new EventReader(await ask('call-2'));
      const { id: dropped } = await second.untilMethod('elicitation/create');
      expect(dropped).not.toBe(kept);
      const cancelled = notification('notifications/cancelled', { requestId: 'call-2' });
      expect((await session.post(cancelled)).status).toBe(202);
      await until(() => {
        const heard = [...first.messages, ...second.messages, ...listening.messages];
        expect(takenBack(heard)).toEqual([dropped]);
      });
      await second.untilEnd();
      expect(second.messages.filter(({ id }) => id === 'call-2')).toEqual([]);
      expect(failures).toHaveLength(1);
      expect(world.tessera.getStats().callsInFlight).toBe(1);
      const answer = { jsonrpc: '2.0', id: kept, result: { action: 'decline' } };
      expect((await session.post(answer)).status).toBe(202);
      expect(await first.untilAnswer('call-1')).toHaveProperty('result');
      expect(world.tessera.getStats().callsInFlight).toBe(0);
    });
  },
);
