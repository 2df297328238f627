import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { EventReader } from '../../session-era/helpers/streams.js';
import { CELLS, type Tools } from './helpers/servers.js';
import { StatelessTenant } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

const TOOLS: Tools = {
  echo: ({ text }) => text,
  take: ({ change }) => {
    change('echo', 'disabled');
    return 'taken';
  },
  remove: ({ change }) => {
    change('echo', 'removed');
    return 'removed';
  },
};

describe.each(CELLS)('A handler that changes its own server ($name)', ({ sdk, direct }) => {
  it.each(['take', 'remove'])('Changes nothing for the calls after it (%s).', async (tool) => {
    const tenant = new StatelessTenant(() => sdk.make(TOOLS).server, { direct });
    for (let count = 0; count < 3; count += 1) {
      expect((await tenant.call('echo', 'hello')).text).toBe('hello');
      expect((await tenant.list()).map(({ name }) => name)).toContain('echo');
      expect((await tenant.call(tool)).status).toBe(200);
      expect((await tenant.call('echo', 'hello')).text).toBe('hello');
      expect((await tenant.list()).map(({ name }) => name)).toContain('echo');
    }
  });

  it('Tells those who listen, and those of no other tenant.', async () => {
    const tenant = new StatelessTenant(() => sdk.make(TOOLS).server, { direct });
    const other = `token-of-globex-0123456789abcdef0123456789`;
    tenant.tessera.addTenant({ id: 'globex', server: () => sdk.make(TOOLS).server, tokens: [other] });
    const listen = { method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true } } };
    const streams = [
      await tenant.send({ ...listen, id: 'mine' }),
      await tenant.send({ ...listen, id: 'theirs', headers: { authorization: `Bearer ${other}` } }),
    ].map((response) => new EventReader(response));
    for (const stream of streams) await stream.untilMethod('notifications/subscriptions/acknowledged');
    const [mine, theirs] = streams;
    await tenant.call('take');
    await mine?.untilMethod('notifications/tools/list_changed');
    // Nothing can come after the end.
    await tenant.tessera.close();
    await theirs?.untilEnd();
    expect(theirs?.count('notifications/tools/list_changed')).toBe(0);
  });
});
