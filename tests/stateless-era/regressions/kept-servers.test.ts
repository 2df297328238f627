import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as ServerV2 } from '@modelcontextprotocol/server';
import { afterEach, describe, expect, it } from 'vitest';

import { gate } from '../../one-line-server/helpers/watch.js';
import { until, within } from '../../regressions/helpers/waiting.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { answerTo, callOf, post, tesseraWith, textOf, tokenOf } from './helpers/play.js';

afterEach(closeEverything);

const TOKEN = tokenOf('acme');
const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });

function serverV1(text: string): ServerV1 {
  const server = new ServerV1({ name: text, version: '1' });
  server.registerTool('who', {}, () => said(text));
  return server;
}

function serverV2(text: string): ServerV2 {
  const server = new ServerV2({ name: text, version: '1' });
  server.registerTool('who', {}, () => said(text));
  return server;
}

describe('Servers that are made for one request', () => {
  it.each([
    ['v1', serverV1],
    ['v2', serverV2],
  ])('With reuse: false, no server of SDK %s is alive after its call.', async (_sdk, make) => {
    let made = 0;
    const tessera = tesseraWith({ stateless: { reuse: false } });
    const server = () => {
      made += 1;
      return make('one');
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
    for (let call = 0; call < 3; call += 1)
      expect(textOf(await answerTo(tessera, callOf(TOKEN, 'who')))).toBe('one');
    await until(() => {
      expect(tessera.getStats().keptServers).toBe(0);
    });
    expect(made).toBe(3);
  });

  it('Whoever frees things in close() is called once for each server, also where each request has its own.', async () => {
    let made = 0;
    let closed = 0;
    const tessera = tesseraWith({ stateless: { reuse: false } });
    const server = () => {
      made += 1;
      const server = serverV2('one');
      const close = server.close.bind(server);
      server.close = () => {
        closed += 1;
        return close();
      };
      return server;
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
    await answerTo(tessera, callOf(TOKEN, 'who'));
    await until(() => {
      expect(closed).toBe(made);
    });
  });
});

describe('Servers that are replaced while one is being made', () => {
  it('No request gets the old server once updateTenant has resolved, whichever way it takes.', async () => {
    const slow = gate();
    let began = false;
    const tessera = tesseraWith({ stateless: { direct: false } });
    const oldServer = async () => {
      began = true;
      await slow.opened;
      return serverV1('old');
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: oldServer });
    const first = answerTo(tessera, callOf(TOKEN, 'who'));
    await until(() => {
      expect(began).toBe(true);
    });
    await tessera.updateTenant('acme', { server: () => serverV1('new') });
    slow.open();
    await within(5000, first);
    expect(textOf(await answerTo(tessera, callOf(TOKEN, 'who')))).toBe('new');
    expect(textOf(await answerTo(tessera, callOf(TOKEN, 'who')))).toBe('new');
  });

  it.each([
    ['v1', serverV1],
    ['v2', serverV2],
  ])(
    'A call that waits for a hook while its server gives way to one of SDK %s is answered.',
    async (_sdk, newer) => {
      const thinking = gate();
      let asked = false;
      const beforeCall = async () => {
        asked = true;
        await thinking.opened;
        return undefined;
      };
      const tessera = tesseraWith({ stateless: { direct: false }, hooks: { beforeCall } });
      tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: () => serverV1('old') });
      const call = answerTo(tessera, callOf(TOKEN, 'who'));
      await until(() => {
        expect(asked).toBe(true);
      });
      await tessera.updateTenant('acme', { server: () => newer('new') });
      thinking.open();
      expect((await within(5000, call)).error).toBeUndefined();
    },
  );

  it('A new server is never tried out for somebody who has lost access.', async () => {
    const [stays, leaves] = [tokenOf('stays'), tokenOf('leaves')];
    const triedFor: string[] = [];
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [stays], server: () => serverV2('old') });
    const { tokenId } = tessera.addToken('acme', leaves);
    await answerTo(tessera, callOf(stays, 'who'));
    await answerTo(tessera, callOf(leaves, 'who'));
    tessera.removeToken({ tokenId });
    await tessera.updateTenant('acme', {
      server: ({ principal }) => {
        triedFor.push(principal.tokenId);
        return serverV2('new');
      },
    });
    expect(triedFor).not.toContain(tokenId);
  });
});

describe('Servers that close themselves', () => {
  it.each([
    ['v1', serverV1],
    ['v2', serverV2],
  ])(
    'A call whose hook still thinks when its server of SDK %s closes itself is answered.',
    async (_sdk, make) => {
      const thinking = gate();
      let asked = 0;
      const servers: { close(): Promise<void> }[] = [];
      const beforeCall = async () => {
        asked += 1;
        if (asked === 2) await thinking.opened;
        return undefined;
      };
      const tessera = tesseraWith({ hooks: { beforeCall } });
      const server = () => {
        const made = make('one');
        servers.push(made);
        return made;
      };
      tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
      await answerTo(tessera, callOf(TOKEN, 'who'));
      const call = answerTo(tessera, callOf(TOKEN, 'who'));
      await until(() => {
        expect(asked).toBe(2);
      });
      await servers[0]?.close();
      thinking.open();
      expect(await within(5000, call)).toMatchObject({ id: 1 });
      expect(tessera.getStats().callsInFlight).toBe(0);
    },
  );

  it('A server that closes itself while it is introduced fails its call at once.', async () => {
    const tessera = tesseraWith();
    const server = () => {
      const server = serverV1('one');
      server.server.oninitialized = () => {
        void server.close();
      };
      return server;
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
    // Well below limits.factoryMs, which has nothing to wait for.
    expect((await within(5000, post(tessera, callOf(TOKEN, 'who')))).status).toBe(500);
  });
});

describe('Servers whose tenant is removed while it is told of them', () => {
  it.each([false, true])("Such a server is closed (by the SDK's own handler: %s).", async (unusual) => {
    let closed = 0;
    const tessera = tesseraWith();
    tessera.on('serverRegistered', ({ tenantId }) => {
      tessera.removeTenant(tenantId);
    });
    const server = () => {
      const server = serverV1('one');
      server.server.onclose = () => {
        closed += 1;
      };
      return server;
    };
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server });
    await within(5000, post(tessera, callOf(TOKEN, 'who', { unusual })));
    await until(() => {
      expect(closed).toBe(1);
    });
  });
});
