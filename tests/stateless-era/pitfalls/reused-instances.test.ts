import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { CELLS } from './helpers/servers.js';
import { StatelessTenant } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

describe.each(CELLS)('A factory that returns one server again and again ($name)', ({ sdk, direct }) => {
  it('Is told of it in an event and a log line; its caller gets a masked 500.', async () => {
    const { server } = sdk.make({ echo: ({ text }) => text });
    const tenant = new StatelessTenant(() => server, { direct });
    const statuses: number[] = [];
    for (const name of ['one', 'two', 'three']) {
      const answer = await tenant.call('echo', 'hello', { client: { name, version: '1' } });
      statuses.push(answer.status);
      if (answer.status === 200) expect(answer.text).toBe('hello');
      else expect(answer.last).toMatchObject({ id: 1, error: { code: -32603 } });
      expect(JSON.stringify(answer.messages)).not.toMatch(/same server|twice|serving another/);
    }
    expect(statuses.filter((status) => status !== 200)).toEqual(
      statuses.filter((status) => status !== 200).map(() => 500),
    );
    expect(statuses).toContain(500);
    expect(tenant.logged.join('\n')).toContain('same server twice');
    expect(tenant.told.map(({ name }) => name)).toContain('serverFailed');
  });
});
