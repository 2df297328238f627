import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { until } from '../../regressions/helpers/waiting.js';
import { SDK_V1, SDK_V2 } from './helpers/servers.js';
import { StatelessTenant } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

describe.each([SDK_V1, SDK_V2])("A server's onclose ($name)", (sdk) => {
  it('Is called when the server is closed for good, and not when it is kept for the next call.', async () => {
    const closed: number[] = [];
    let made = 0;
    const tenant = new StatelessTenant(() => {
      made += 1;
      const instance = made;
      const { server } = sdk.make({ which: () => String(instance) });
      server.server.onclose = () => {
        closed.push(instance);
      };
      return server;
    });
    await tenant.call('which');
    const which = Number((await tenant.call('which')).text);
    for (let count = 0; count < 5; count += 1) expect(Number((await tenant.call('which')).text)).toBe(which);
    await tenant.ask({ method: 'tools/list' });
    await tenant.ask({ method: 'server/discover' });
    expect(Number((await tenant.call('which')).text)).toBe(which);
    expect(closed).not.toContain(which);
    await tenant.tessera.close();
    await until(() => {
      expect(closed.filter((instance) => instance === which)).toHaveLength(1);
    });
    expect(new Set(closed).size).toBe(closed.length);
  });
});
