import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { getMcpDecorator } from '../src/index.js';
import { connect } from './helpers/apps.js';
import { FLAVOURS, serveShared, type Flavour, type SharedServer } from './helpers/shared-server.js';

interface Hearing {
  readonly client: Client;
  readonly updated: string[];
  readonly listChanges: () => number;
}

async function hear(url: string): Promise<Hearing> {
  const client = await connect(url);
  const updated: string[] = [];
  let changes = 0;
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
    updated.push(params.uri);
  });
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
    changes += 1;
  });
  return { client, updated, listChanges: () => changes };
}

async function serveHearers(
  flavour: Flavour,
  count: number,
): Promise<{ shared: SharedServer; hearers: Hearing[] }> {
  const shared = await serveShared(flavour);
  const hearers = await Promise.all(Array.from({ length: count }, () => hear(shared.url)));
  await expect.poll(() => getMcpDecorator(shared.app).getStats().openStreams).toBe(count);
  return { shared, hearers };
}

describe.each(FLAVOURS)('notifications of one %s that all sessions share', (flavour) => {
  it('tell all sessions that the list of tools has changed', async () => {
    const { shared, hearers } = await serveHearers(flavour, 5);
    shared.addTool('late');
    for (const { client, listChanges } of hearers) {
      await expect.poll(listChanges).toBeGreaterThan(0);
      expect((await client.listTools()).tools.map(({ name }) => name)).toContain('late');
    }
  });

  it('tell only subscribers that a resource was updated, and only while they subscribe', async () => {
    const { shared, hearers } = await serveHearers(flavour, 3);
    const [one, two, none] = hearers as [Hearing, Hearing, Hearing];
    const everybodyHeard = async (times: number): Promise<void> => {
      shared.addTool(`late-${String(times)}`);
      for (const { listChanges } of hearers) await expect.poll(listChanges).toBeGreaterThanOrEqual(times);
    };
    await one.client.subscribeResource({ uri: 'test://one' });
    await two.client.subscribeResource({ uri: 'test://two' });
    await shared.resourceUpdated('test://one');
    await everybodyHeard(1);
    expect([one.updated, two.updated, none.updated]).toEqual([['test://one'], [], []]);

    await two.client.subscribeResource({ uri: 'test://one' });
    await one.client.unsubscribeResource({ uri: 'test://one' });
    await shared.resourceUpdated('test://one');
    await shared.resourceUpdated('test://two');
    await everybodyHeard(2);
    expect([one.updated, two.updated, none.updated]).toEqual([
      ['test://one'],
      ['test://one', 'test://two'],
      [],
    ]);
  });

  it('reach the sessions that are left after another was closed', async () => {
    const { shared, hearers } = await serveHearers(flavour, 2);
    const [gone, left] = hearers as [Hearing, Hearing];
    await gone.client.subscribeResource({ uri: 'test://one' });
    await left.client.subscribeResource({ uri: 'test://one' });
    await (gone.client.transport as unknown as { terminateSession: () => Promise<void> }).terminateSession();
    await shared.resourceUpdated('test://one');
    shared.addTool('late');
    await expect.poll(left.listChanges).toBeGreaterThan(0);
    expect(left.updated).toEqual(['test://one']);
    expect(gone.updated).toEqual([]);
  });
});
