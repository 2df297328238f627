import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { Server as LowServerV1 } from '@modelcontextprotocol/sdk/server/index.js';
import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { shareServer } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { gate, pause } from '../../one-line-server/helpers/watch.js';
import { until } from '../../regressions/helpers/waiting.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import {
  answerTo,
  callOf,
  Listening,
  post,
  tesseraWith,
  textOf,
  tokenOf,
  type Post,
} from './helpers/play.js';

afterEach(closeEverything);

const TOKEN = tokenOf('acme');
const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });
const listenOf = (token: string, rest: Partial<Post> = {}): Post => ({
  token,
  method: 'subscriptions/listen',
  params: { notifications: { toolsListChanged: true } },
  ...rest,
});

function serverV1(): ServerV1 {
  const server = new ServerV1({ name: 'one', version: '1' });
  server.registerTool('who', {}, () => said('one'));
  return server;
}

describe('Caps of listen streams', () => {
  it('No more streams are open than limits.listens, also when all come at once.', async () => {
    const tessera = tesseraWith({ limits: { listens: 2 } });
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: serverV1 });
    const responses = await Promise.all(Array.from({ length: 6 }, () => post(tessera, listenOf(TOKEN))));
    for (const response of responses) if (response.status === 200) new Listening(response);
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429, 429, 429]);
    expect(tessera.getStats().openListens).toBe(2);
  });

  it('A tenant that holds more than half of all streams gives way to another one.', async () => {
    const script = new URL('./helpers/greedy-listener.ts', import.meta.url).pathname;
    // In a process of its own: it would never come back if it went round in circles.
    const running = promisify(execFile)(process.execPath, ['--import', 'tsx', script], {
      timeout: 15_000,
      killSignal: 'SIGKILL',
    });
    const { stdout } = await running;
    expect(stdout.trim()).toBe('200');
  });
});

/** How many more listen than are told in one turn of the event loop. */
const MANY = 150;

describe('Changes that many listen for', () => {
  it('All hear of one that is told just before the tessera drains.', async () => {
    const tessera = tesseraWith({ limits: { listens: MANY, calls: MANY } });
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: serverV1 });
    const listening: Listening[] = [];
    for (let count = 0; count < MANY; count += 1)
      listening.push(new Listening(await post(tessera, listenOf(TOKEN))));
    await until(() => {
      expect(listening.every(({ said: heard }) => heard.length > 0)).toBe(true);
    });
    tessera.notify('acme').toolsChanged();
    await tessera.drain();
    await until(() => {
      expect(listening.every(({ over }) => over)).toBe(true);
    });
    const deaf = listening.filter(
      ({ said: heard }) => !heard.some(({ method }) => method === 'notifications/tools/list_changed'),
    );
    expect(deaf).toEqual([]);
  });

  it('Those of a tenant with one listener are not told after all that another tenant has to say.', async () => {
    const other = tokenOf('other');
    const tessera = tesseraWith({ limits: { listens: MANY, calls: MANY } });
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: serverV1 });
    tessera.addTenant({ id: 'other', tokens: [other], server: serverV1 });
    const many: Listening[] = [];
    for (let count = 0; count < MANY; count += 1)
      many.push(new Listening(await post(tessera, listenOf(TOKEN))));
    const one = new Listening(await post(tessera, listenOf(other)));
    await until(() => {
      expect([...many, one].every(({ said: heard }) => heard.length > 0)).toBe(true);
    });
    const before = many.map(({ said: heard }) => heard.length).reduce((sum, count) => sum + count, 0);
    for (let count = 0; count < 20; count += 1) {
      tessera.notify('acme').toolsChanged();
      // What is said twice at once is said once.
      await Promise.resolve();
    }
    tessera.notify('other').toolsChanged();
    await until(() => {
      expect(one.said).toHaveLength(2);
    });
    const heard = many.map(({ said: all }) => all.length).reduce((sum, count) => sum + count, 0) - before;
    expect(heard).toBeLessThan((MANY * 20) / 2);
    await until(() => {
      expect(many.every(({ said: all }) => all.length >= 21)).toBe(true);
    });
  });
});

/** Lets pass what a late answer is given. */
function longAfter(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 4 * delayMs));
}

describe('Streams that open late', () => {
  it('A client hears changes also when its server was ready only after sessions.upgradeAfterMs.', async () => {
    const tessera = tesseraWith({ sessions: { upgradeAfterMs: 100 } });
    const ready = gate();
    const server = async () => {
      await ready.opened;
      return serverV1();
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
    const posted = post(tessera, listenOf(TOKEN));
    await longAfter(100);
    ready.open();
    const response = await posted;
    const listening = new Listening(response);
    await until(() => {
      expect(tessera.getStats().openListens).toBe(1);
    });
    await until(() => {
      expect(listening.said).toHaveLength(1);
    });
  });

  it('Such a stream is over when its client leaves.', async () => {
    const tessera = tesseraWith({ sessions: { upgradeAfterMs: 100 } });
    const ready = gate();
    const server = async () => {
      await ready.opened;
      return serverV1();
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
    const posted = post(tessera, listenOf(TOKEN));
    await longAfter(100);
    ready.open();
    const response = await posted;
    await until(() => {
      expect(tessera.getStats().openListens).toBe(1);
    });
    await response.body?.cancel();
    await until(() => {
      expect(tessera.getStats().openListens).toBe(0);
    });
  });
});

describe('Users who share a tenant', () => {
  it('One does not hear what the server of another says of its resources.', async () => {
    const verifier = {
      verifyAccessToken: (token: string) =>
        Promise.resolve({ token, clientId: 'c', scopes: [], extra: { sub: token } }),
    };
    const tessera = tesseraWith({ auth: { tenant: 'acme', verifier } });
    const server = () => {
      const made = new ServerV1(
        { name: 'one', version: '1' },
        { capabilities: { resources: { subscribe: true } } },
      );
      made.registerResource('inbox', 'user://inbox', {}, () => ({ contents: [] }));
      made.registerTool('mail', {}, async () => {
        await made.server.sendResourceUpdated({ uri: 'user://inbox' });
        return said('sent');
      });
      return made;
    };
    tessera.addTenant({ id: 'acme', server });
    const params = { notifications: { resourceSubscriptions: ['user://inbox'] } };
    const [ada, bob] = await Promise.all(
      ['ada', 'bob'].map(
        async (user) => new Listening(await post(tessera, listenOf(tokenOf(user), { params }))),
      ),
    );
    await answerTo(tessera, callOf(tokenOf('ada'), 'mail'));
    await until(() => {
      expect(ada?.said).toHaveLength(2);
    });
    expect(bob?.said).toHaveLength(1);
  });
});

describe('Servers that several clients share', () => {
  it('A list that changes once is told once to those who listen.', async () => {
    const server = serverV1();
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: shareServer(server) });
    for (const clientName of ['one', 'two', 'three'])
      await answerTo(tessera, callOf(TOKEN, 'who', { clientName }));
    const listening = new Listening(await post(tessera, listenOf(TOKEN, { clientName: 'one' })));
    await until(() => {
      expect(listening.said).toHaveLength(1);
    });
    const changes = () =>
      listening.said.filter(({ method }) => method === 'notifications/tools/list_changed').length;
    server.sendToolListChanged();
    await until(() => {
      expect(changes()).toBeGreaterThan(0);
    });
    // What comes after it shows that all has come that was said before.
    tessera.notify('acme').toolsChanged();
    const before = changes();
    await until(() => {
      expect(changes()).toBeGreaterThan(before);
    });
    expect(changes()).toBe(2);
  });

  it('What could not be made in time keeps no line to a shared server.', async () => {
    const slow = gate();
    const shared = new LowServerV1({ name: 'low', version: '1' }, { capabilities: { tools: {} } });
    shared.setRequestHandler(ListToolsRequestSchema, async () => {
      await slow.opened;
      return { tools: [] };
    });
    const tessera = tesseraWith({ limits: { factoryMs: 50 } });
    const told: string[] = [];
    tessera.on('transportError', ({ error }) => {
      told.push(error.message);
    });
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: shareServer(shared) });
    for (let call = 0; call < 3; call += 1)
      expect((await post(tessera, callOf(TOKEN, 'who'))).status).toBe(504);
    slow.open();
    await pause(100);
    // Each line that is left hears of it.
    shared.onerror?.(new Error('probe'));
    expect(told.filter((message) => message === 'probe')).toEqual([]);
  });

  it('Their handlers find no session in the stateless era.', async () => {
    const shared = serverV1();
    shared.registerTool('session', {}, ({ sessionId }) => said(String(sessionId)));
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: shareServer(shared) });
    expect(textOf(await answerTo(tessera, callOf(TOKEN, 'session')))).toBe('undefined');
  });
});
