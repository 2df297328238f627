import { memorySessionStore } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeEverything } from './helpers/cleanup.js';
import { createReplicas } from './helpers/handover.js';
import { withSubscriptions, type KnownClient } from './helpers/resource-servers.js';
import { CLIENT_V1, CLIENT_V2, Switch, type ClientSdk, type ConnectedClient } from './helpers/sdk-clients.js';
import { SDK_V1, SDK_V2, type Sdk } from './helpers/servers.js';
import { OVER_SOCKET, TOKENS, type World } from './helpers/world.js';

afterEach(closeEverything);

const PAIRS = [CLIENT_V1, CLIENT_V2].flatMap((client) => [SDK_V1, SDK_V2].map((sdk) => ({ client, sdk })));

const ADDRESS = new URL('http://127.0.0.1/mcp');

interface Conversation {
  readonly first: World;
  readonly second: World;
  readonly known: readonly KnownClient[];
  readonly client: ConnectedClient;
  readonly id: string;
  /** Sends everything that the client does from now on to the other world. */
  readonly switchOver: () => void;
}

/** A client that has a session in the first of two worlds. */
async function converse(clientSdk: ClientSdk, sdk: Sdk): Promise<Conversation> {
  const known: KnownClient[] = [];
  const [first, second] = await createReplicas(
    { ...OVER_SOCKET, sdk: withSubscriptions(sdk, known) },
    memorySessionStore(),
    { sessions: { retryMs: 50 } },
  );
  const balancer = new Switch(first.port);
  const client = await clientSdk.connect(ADDRESS, TOKENS.acme, balancer.fetch);
  await untilListening(first);
  const switchOver = (): void => {
    balancer.port = second.port;
  };
  return { first, second, known, client, id: client.sessionId() ?? 'none', switchOver };
}

const untilListening = (world: World): Promise<void> =>
  vi.waitFor(
    () => {
      expect(world.tessera.getStats().openStreams).toBe(1);
    },
    { timeout: 10_000, interval: 20 },
  );

const untilTold = (client: ConnectedClient, method: string): Promise<void> =>
  vi.waitFor(
    () => {
      expect(client.told.map((one) => one.method)).toContain(method);
    },
    { timeout: 5000, interval: 10 },
  );

describe.each(PAIRS)(
  'A $client.name, with servers of $sdk.name, whose process changes',
  ({ client, sdk }) => {
    it('Calls on in the same session, and notices nothing.', async () => {
      const talk = await converse(client, sdk);
      expect(await talk.client.call('echo', 'one')).toBe('one');
      const tools = await talk.client.tools();
      talk.switchOver();
      expect(await talk.client.call('echo', 'two')).toBe('two');
      expect(await talk.client.tools()).toEqual(tools);
      expect(talk.client.sessionId()).toBe(talk.id);
      expect(talk.second.events('sessionAdopted')).toMatchObject([{ sessionId: talk.id }]);
      expect(talk.second.tessera.getStats()).toMatchObject({ activeSessions: 1, callsInFlight: 0 });
      const calls = await Promise.all(
        Array.from({ length: 20 }, (_, id) => talk.client.call('echo', String(id))),
      );
      expect(calls).toEqual(Array.from({ length: 20 }, (_, id) => String(id)));
      expect(talk.known).toHaveLength(2);
    });

    it('Keeps its log level and its subscriptions.', async () => {
      const talk = await converse(client, sdk);
      await talk.client.setLevel('error');
      await talk.client.subscribe('test://one');
      talk.switchOver();
      await talk.client.call('logAll', 'said');
      await untilTold(talk.client, 'notifications/message');
      const logged = talk.client.told.filter(({ method }) => method === 'notifications/message');
      expect(logged.map(({ params }) => params?.['data'])).toEqual(['said error']);
      expect(talk.known[1]).toMatchObject({ subscribed: ['test://one'], initialized: 1 });
      await talk.first.tessera.close();
      await untilListening(talk.second);
      talk.second.tessera.notify('acme').resourceUpdated('test://other');
      talk.second.tessera.notify('acme').resourceUpdated('test://one');
      await untilTold(talk.client, 'notifications/resources/updated');
      const updated = talk.client.told.filter(({ method }) => method === 'notifications/resources/updated');
      expect(updated.map(({ params }) => params?.['uri'])).toEqual(['test://one']);
    });

    it('Is told of progress, is asked questions, and answers them.', async () => {
      const talk = await converse(client, sdk);
      talk.switchOver();
      const progress: number[] = [];
      await talk.client.call('steps', 'done', (step) => progress.push(step));
      expect(progress).toEqual([1, 2]);
      expect(await talk.client.call('ask', 'Your name?')).toContain('Ada');
      expect(await talk.client.call('askAside', 'Your name?')).toContain('Ada');
      expect(await talk.client.call('sample', 'Say something')).toContain('a sample');
      expect(talk.second.tessera.getStats()).toMatchObject({ callsInFlight: 0 });
      expect(talk.second.events('transportError')).toEqual([]);
    });

    it('Comes back to listen, and hears that lists have changed.', async () => {
      const talk = await converse(client, sdk);
      talk.first.tessera.notify('acme').toolsChanged();
      await untilTold(talk.client, 'notifications/tools/list_changed');
      talk.switchOver();
      await talk.first.tessera.close();
      await untilListening(talk.second);
      expect(talk.second.events('sessionAdopted')).toMatchObject([{ sessionId: talk.id }]);
      // The server behind the other process may be another version, so the lists may be others at once.
      const changes = (): number =>
        talk.client.told.filter(({ method }) => method === 'notifications/tools/list_changed').length;
      await vi.waitFor(() => {
        expect(changes()).toBe(2);
      });
      talk.second.tessera.notify('acme').toolsChanged();
      await vi.waitFor(() => {
        expect(changes()).toBe(3);
      });
      expect(await talk.client.call('echo', 'still here')).toBe('still here');
      expect(talk.client.sessionId()).toBe(talk.id);
    });

    it('Loses the call that was in flight, and nothing else.', async () => {
      const talk = await converse(client, sdk);
      const lost = talk.client.call('hold', 'lost');
      const failed = expect(lost).rejects.toThrow();
      await talk.first.acme.untilHeld('lost');
      talk.switchOver();
      await talk.first.tessera.close();
      await failed;
      expect(await talk.client.call('echo', 'next')).toBe('next');
      expect(talk.client.sessionId()).toBe(talk.id);
    });

    it('Can end its session there.', async () => {
      const talk = await converse(client, sdk);
      talk.switchOver();
      await talk.client.call('echo', 'here');
      await talk.client.terminate();
      expect(talk.second.events('sessionEnded')).toMatchObject([{ sessionId: talk.id, reason: 'deleted' }]);
    });
  },
);
