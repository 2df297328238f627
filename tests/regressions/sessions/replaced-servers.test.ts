import type { Tessera } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';

import { gate } from '../../one-line-server/helpers/watch.js';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { notification, request } from '../../session-era/helpers/messages.js';
import { within } from '../helpers/waiting.js';
import { FakeServer, question, type Handlers } from './helpers/fake-server.js';
import { play, turns } from './helpers/play.js';
import { reading } from './helpers/reading.js';
import { listen, messageOf, open, post } from './helpers/requests.js';

afterEach(closeEverything);

const AT_ONCE = 1000;

const setLevel = (id: number): object => request(id, 'logging/setLevel', { level: 'info' });

/**
 * Replaces the server by one that closes itself when the session tells it the log level, which is the last it hears before it
 * takes over: `ticks` microtasks after its answer. Later ones stay open.
 */
async function replaceByOneThatCloses(tessera: Tessera, ticks: number): Promise<FakeServer[]> {
  const made: FakeServer[] = [];
  const answerAndClose = async (id: string | number, server: FakeServer): Promise<void> => {
    await server.answer(id, {});
    for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
    await server.close();
  };
  const closing: Handlers = {
    'logging/setLevel': ({ id }, server) => {
      void answerAndClose(id, server);
      return undefined;
    },
  };
  const server = (): FakeServer => {
    // The first is only tried out.
    const next = new FakeServer(made.length === 1 ? closing : {});
    made.push(next);
    return next;
  };
  await tessera.updateTenant('acme', { server });
  return made;
}

describe('Servers that are replaced in a session', () => {
  it('The new server hears of a subscription that the old one confirms only after it.', async () => {
    const slow = gate();
    const handlers: Handlers = {
      'resources/subscribe': ({ id }, server) => {
        void slow.opened.then(() => server.answer(id, {}));
        return undefined;
      },
    };
    const { tessera, token, servers } = play({}, {}, handlers);
    const session = await open(tessera, token);
    const caller = { token, session };
    const subscribing = post(tessera, caller, request(2, 'resources/subscribe', { uri: 'note:1' }));
    await turns();
    const next: FakeServer[] = [];
    const server = (): FakeServer => {
      const made = new FakeServer();
      next.push(made);
      return made;
    };
    await tessera.updateTenant('acme', { server });
    await post(tessera, caller, request(3, 'ping'));
    slow.open();
    expect(messageOf(await within(AT_ONCE, subscribing))).toHaveProperty('result');
    await post(tessera, caller, request(4, 'ping'));
    await turns();
    expect(servers[0]?.closed).toBe(true);
    expect(next.at(-1)?.heard.map(({ method }) => method)).toContain('resources/subscribe');
  });

  it('A client is not asked what a server wanted to know that is gone.', async () => {
    const { tessera, token, servers } = play();
    const session = await open(tessera, token);
    const caller = { token, session };
    await servers[0]?.say(question('Which one?'));
    await tessera.updateTenant('acme', { server: () => new FakeServer() });
    await post(tessera, caller, notification('notifications/roots/list_changed'));
    const answer = await post(tessera, caller, request(4, 'ping'));
    const ofCall = typeof answer.body === 'string' ? undefined : reading(answer);
    const stream = reading(await listen(tessera, caller));
    await turns();
    expect(servers[0]?.closed).toBe(true);
    const told = ofCall?.text() ?? answer.body;
    expect(told).toContain('"id":4');
    expect(told).not.toContain('Which one?');
    expect(stream.text()).toContain('id: ');
    expect(stream.text()).not.toContain('Which one?');
  });

  it('A call is answered whenever the new server closes itself around the moment when it takes over.', async () => {
    for (let ticks = 0; ticks < 12; ticks += 1) {
      const { tessera, token } = play();
      const session = await open(tessera, token);
      await post(tessera, { token, session }, setLevel(2));
      const made = await replaceByOneThatCloses(tessera, ticks);
      await within(AT_ONCE, post(tessera, { token, session }, request(3, 'tools/list')));
      await turns();
      expect(made[1]?.closed).toBe(true);
    }
  });

  it('All later calls are answered when the new server has closed itself before it takes over.', async () => {
    const { tessera, token } = play();
    const session = await open(tessera, token);
    await post(tessera, { token, session }, setLevel(2));
    const made = await replaceByOneThatCloses(tessera, 0);
    for (const id of [3, 4, 5]) {
      await within(AT_ONCE, post(tessera, { token, session }, request(id, 'tools/list')));
    }
    expect(made[1]?.closed).toBe(true);
  });
});
