import { describe, expect, it } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { callTool, headersFor, listTools, openSession, post, readMessage } from './helpers/raw.js';
import { namesOf, serverV1, serverV2, textOf } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { collect } from './helpers/watch.js';

const ALPHA = 'isolation-alpha-49bd1e7c03';
const BETA = 'isolation-beta-e82f60a5d1';

interface Compared {
  readonly status: number;
  readonly body: string;
  readonly headers: Record<string, string>;
}

/** All of an answer but what differs between any two requests. */
async function compared(response: Response): Promise<Compared> {
  const headers = Object.fromEntries([...response.headers].filter(([name]) => name !== 'date'));
  return { status: response.status, body: await response.text(), headers };
}

describe.each(adapters)('the isolation of tokens of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);
  const tokens = {
    [ALPHA]: () => serverV1('alpha', ['shared-name', 'only-alpha']),
    [BETA]: () => serverV2('beta', ['shared-name', 'only-beta']),
  };

  it('shows a token only its own tools', async () => {
    const { url } = await stage.start(tokens);
    const alpha = await stage.connect(url, ALPHA);
    const beta = await stage.connect(url, BETA);
    expect(namesOf(await alpha.client.listTools())).toEqual(['only-alpha', 'shared-name']);
    expect(namesOf(await beta.client.listTools())).toEqual(['only-beta', 'shared-name']);
    expect(textOf(await alpha.client.callTool({ name: 'shared-name' }))).toBe('alpha/shared-name');
    expect(textOf(await beta.client.callTool({ name: 'shared-name' }))).toBe('beta/shared-name');
  });

  it('shows clients of SDK v2 only the tools of their own token', async () => {
    const { url } = await stage.start(tokens);
    const alpha = await stage.connectModern(url, ALPHA);
    const beta = await stage.connectModern(url, BETA);
    expect(namesOf(await alpha.listTools())).toEqual(['only-alpha', 'shared-name']);
    expect(namesOf(await beta.listTools())).toEqual(['only-beta', 'shared-name']);
    expect(textOf(await beta.callTool({ name: 'shared-name', arguments: {} }))).toBe('beta/shared-name');
  });

  it('does not call a tool of another token', async () => {
    const { url } = await stage.start(tokens);
    const sessionId = await openSession(url, ALPHA);
    const message = await readMessage(await post(url, ALPHA, callTool('only-beta'), sessionId));
    expect(JSON.stringify(message)).not.toContain('beta/only-beta');
    expect(message.error !== undefined || message.result?.['isError'] === true).toBe(true);
  });

  it.each([
    { what: 'a list', method: 'POST', body: JSON.stringify(listTools) },
    { what: 'a call', method: 'POST', body: JSON.stringify(callTool('shared-name')) },
    {
      what: 'a notification',
      method: 'POST',
      body: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
    },
    { what: 'a stream', method: 'GET', body: undefined },
    { what: 'an end', method: 'DELETE', body: undefined },
  ])('answers $what for a foreign session exactly as for an unknown one', async ({ method, body }) => {
    const { url, server } = await stage.start(tokens);
    const ended = collect(server, 'sessionEnded');
    const foreign = await openSession(url, ALPHA);
    const unknown = foreign.replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'));
    const ask = async (sessionId: string): Promise<Compared> =>
      compared(
        await fetch(url, {
          method,
          headers: headersFor(BETA, sessionId),
          ...(body === undefined ? {} : { body }),
        }),
      );
    const ofForeign = await ask(foreign);
    const ofUnknown = await ask(unknown);
    expect(ofForeign.status).toBe(404);
    expect(ofForeign).toEqual(ofUnknown);
    expect(ofForeign.body).not.toContain(foreign);
    expect(ended).toEqual([]);
    const own = await readMessage(await post(url, ALPHA, listTools, foreign));
    expect(own.result).toBeDefined();
  });

  it("answers for an ended session of one's own as for one that never was", async () => {
    const { url } = await stage.start(tokens);
    const sessionId = await openSession(url, ALPHA);
    const end = await fetch(url, { method: 'DELETE', headers: headersFor(ALPHA, sessionId) });
    await end.text();
    const ended = await compared(await post(url, ALPHA, listTools, sessionId));
    const never = await compared(await post(url, ALPHA, listTools, `x${sessionId.slice(1)}`));
    expect(ended.status).toBe(404);
    expect(ended).toEqual(never);
  });

  it("keeps the state of one token out of the other's servers", async () => {
    const make = (name: string) => {
      let count = 0;
      return () => {
        const mcp = serverV1(name, []);
        mcp.tool('count', 'Counts its calls', {}, () => {
          count += 1;
          return { content: [{ type: 'text', text: `${name}:${String(count)}` }] };
        });
        return mcp;
      };
    };
    const { url } = await stage.start({ [ALPHA]: make('alpha'), [BETA]: make('beta') });
    const alpha = await stage.connect(url, ALPHA);
    const beta = await stage.connect(url, BETA);
    await alpha.client.callTool({ name: 'count' });
    await alpha.client.callTool({ name: 'count' });
    expect(textOf(await beta.client.callTool({ name: 'count' }))).toBe('beta:1');
    expect(textOf(await alpha.client.callTool({ name: 'count' }))).toBe('alpha:3');
  });

  it('sends a notification of one token to no client of the other', async () => {
    let notify = (): Promise<void> => Promise.resolve();
    const { url } = await stage.start({
      [ALPHA]: () => {
        const mcp = serverV1('alpha');
        notify = async () => {
          mcp.sendToolListChanged();
          await mcp.server.ping().catch(() => undefined);
        };
        return mcp;
      },
      [BETA]: () => serverV1('beta'),
    });
    const heard: string[] = [];
    const alpha = await stage.connect(url, ALPHA);
    const beta = await stage.connect(url, BETA);
    for (const [name, { client }] of Object.entries({ alpha, beta })) {
      client.fallbackNotificationHandler = ({ method }) => {
        heard.push(`${name} ${method}`);
        return Promise.resolve();
      };
    }
    await notify();
    await beta.client.ping();
    expect(heard).toEqual(['alpha notifications/tools/list_changed']);
  });

  it('lets a token go on while another is removed, updated or fails', async () => {
    const { server, url } = await stage.start(tokens);
    const { client } = await stage.connect(url, BETA);
    await openSession(url, ALPHA);
    server.updateToken(ALPHA, () => Promise.reject(new Error('broken')));
    expect(textOf(await client.callTool({ name: 'only-beta' }))).toBe('beta/only-beta');
    server.removeToken(ALPHA);
    expect(textOf(await client.callTool({ name: 'only-beta' }))).toBe('beta/only-beta');
    expect(server.getStats()).toMatchObject({ registeredTokens: 1, activeServers: 1, activeSessions: 1 });
  });
});
