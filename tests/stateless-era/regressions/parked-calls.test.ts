import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as ServerV2 } from '@modelcontextprotocol/server';
import { askAs, type Tessera } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { pause } from '../../one-line-server/helpers/watch.js';
import { until, within } from '../../regressions/helpers/waiting.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import {
  answerTo,
  callOf,
  messagesIn,
  post,
  tesseraWith,
  textOf,
  tokenOf,
  type Said,
} from './helpers/play.js';

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

const ask = (tessera: Tessera, name = 'ask', token = TOKEN): Promise<Said> =>
  answerTo(tessera, callOf(token, name, { capabilities: CAPABILITIES }));

const answer = (
  tessera: Tessera,
  { result }: Said,
  { name = 'ask', token = TOKEN, responses }: { name?: string; token?: string; responses?: object } = {},
): Promise<Said> => {
  const keys = Object.keys(result?.inputRequests ?? {});
  const accepted = Object.fromEntries(
    keys.map((key) => [key, { action: 'accept', content: { name: `for ${key}` } }]),
  );
  const params = { name, inputResponses: responses ?? accepted, requestState: result?.requestState };
  return answerTo(tessera, callOf(token, name, { capabilities: CAPABILITIES, params }));
};

describe('Handlers that do not wait until their client has answered', () => {
  const impatient = (server: ServerV1): void => {
    server.registerTool('ask', {}, async () => {
      try {
        await server.server.elicitInput(form('name?'), { timeout: 50 });
        return said('answered');
      } catch {
        return said('gave up');
      }
    });
  };

  it('A client that answers after the handler has given up gets an answer.', async () => {
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: () => serverV1(impatient) });
    const first = await ask(tessera);
    expect(first.result?.resultType).toBe('input_required');
    await pause(200);
    expect(await within(5000, answer(tessera, first))).toMatchObject({ id: 1 });
  });

  it('A handler that has given up takes no place of those that wait.', async () => {
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: () => serverV1(impatient) });
    await ask(tessera);
    await until(() => {
      expect(tessera.getStats().parkedCalls).toBe(0);
    });
  });

  it('Nothing waits any more of a server that has closed itself, and its client is told so.', async () => {
    const servers: ServerV1[] = [];
    const tessera = tesseraWith();
    const server = () => {
      const made = serverV1((server) => {
        server.registerTool('ask', {}, async () => {
          await server.server.elicitInput(form('name?'));
          return said('answered');
        });
      });
      servers.push(made);
      return made;
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
    const first = await ask(tessera);
    await servers[0]?.close();
    await until(() => {
      expect(tessera.getStats().parkedCalls).toBe(0);
    });
    expect((await within(5000, answer(tessera, first))).error?.code).toBe(-32602);
  });
});

describe('Who may let a handler go on', () => {
  const patient = (server: ServerV1): void => {
    server.registerTool('ask', {}, async () => {
      const { content } = await server.server.elicitInput(form('name?'));
      return said(`paid ${JSON.stringify(content)}`);
    });
  };

  it.each([true, false])(
    'A tool that is denied by the time its client answers does not go on (direct: %s).',
    async (direct) => {
      let allowed = true;
      const tessera = tesseraWith({ stateless: { direct }, hooks: { allowTool: () => allowed } });
      tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: () => serverV1(patient) });
      const first = await ask(tessera);
      expect(first.result?.resultType).toBe('input_required');
      allowed = false;
      const second = await within(5000, answer(tessera, first));
      expect(JSON.stringify(second)).not.toContain('paid');
    },
  );

  it('A token of the same user with other scopes does not let a handler go on.', async () => {
    const scopes: Record<string, string[]> = { [tokenOf('admin')]: ['admin'], [tokenOf('reader')]: ['read'] };
    const tessera = tesseraWith({
      auth: {
        tenant: 'acme',
        verifier: {
          verifyAccessToken: (token: string) =>
            Promise.resolve({ token, clientId: 'c', scopes: scopes[token] ?? [], extra: { sub: 'ada' } }),
        },
      },
    });
    tessera.addTenant({
      id: 'acme',
      server: ({ principal }) =>
        serverV1((server) => {
          server.registerTool('ask', {}, async () => {
            await server.server.elicitInput(form('name?'));
            return said(`done as ${principal.scopes.join()}`);
          });
        }),
    });
    const first = await ask(tessera, 'ask', tokenOf('admin'));
    expect(first.result?.resultType).toBe('input_required');
    const second = await within(5000, answer(tessera, first, { token: tokenOf('reader') }));
    expect(textOf(second)).not.toBe('done as admin');
  });

  it('A handler that waits is answered also when its server has been replaced by one of SDK v2.', async () => {
    const states: unknown[] = [];
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: () => serverV1(patient) });
    const first = await ask(tessera);
    const newer = () => {
      const server = new ServerV2({ name: 'newer', version: '1' });
      server.registerTool('ask', {}, ({ mcpReq }) => {
        states.push(mcpReq.requestState());
        return said('began anew');
      });
      return server;
    };
    await tessera.updateTenant('acme', { server: newer });
    expect(textOf(await within(5000, answer(tessera, first)))).toContain('paid');
    // What the old server is found by is nothing for the new one to see.
    expect(states).toEqual([]);
  });

  it('One user of many who share a tenant cannot take all places of those that wait.', async () => {
    const tessera = tesseraWith({
      limits: { parkedCalls: 1 },
      auth: {
        tenant: 'acme',
        verifier: {
          verifyAccessToken: (token: string) =>
            Promise.resolve({ token, clientId: 'c', scopes: [], extra: { sub: token } }),
        },
      },
    });
    tessera.addTenant({ id: 'acme', server: () => serverV1(patient) });
    expect((await ask(tessera, 'ask', tokenOf('ada'))).result?.resultType).toBe('input_required');
    expect((await ask(tessera, 'ask', tokenOf('bob'))).result?.resultType).toBe('input_required');
  });
});

describe('Progress of a handler that goes on', () => {
  it('It is told under the token of the round that it is told in.', async () => {
    const tessera = tesseraWith();
    const register = (server: ServerV1): void => {
      server.registerTool('ask', {}, async ({ _meta, sendNotification }) => {
        await server.server.elicitInput(form('name?'));
        const progressToken = _meta?.progressToken ?? 'none';
        await sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
        return said('done');
      });
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: () => serverV1(register) });
    const round = (progressToken: string, params: object = {}) =>
      post(tessera, {
        ...callOf(TOKEN, 'ask', { capabilities: CAPABILITIES, params: { name: 'ask', ...params } }),
        progressToken,
      });
    const [first] = await messagesIn(await round('round 1'));
    const requestState = first?.result?.requestState;
    const inputResponses = { elicitation_0: { action: 'accept', content: {} } };
    const second = await messagesIn(await round('round 2', { requestState, inputResponses }));
    const told = second.filter(({ method }) => method === 'notifications/progress');
    expect(told.map(({ params }) => params?.['progressToken'])).toEqual(['round 2']);
  });
});

describe('Keys of questions', () => {
  it('Each of several questions has a key of its own, whatever they are named.', async () => {
    const tessera = tesseraWith();
    const register = (server: ServerV1): void => {
      server.registerTool('ask', {}, async () => {
        const answers = await Promise.all(
          ['a_2', 'a', 'a'].map((key) => server.server.elicitInput({ ...form(key), ...askAs(key) })),
        );
        return said(String(answers.length));
      });
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: () => serverV1(register) });
    const first = await ask(tessera);
    expect(Object.keys(first.result?.inputRequests ?? {})).toHaveLength(3);
  });
});
