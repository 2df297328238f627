import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { CELLS, type Tools } from './helpers/servers.js';
import { StatelessTenant } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

const TOOLS: Tools = {
  look: ({ headers, url, scopes }) => JSON.stringify({ headers: headers(), url: url(), scopes }),
};

describe.each(CELLS)('What a handler sees of its request ($name)', ({ sdk, direct }) => {
  it('Is the request of this very call, without what lets the caller in.', async () => {
    const tenant = new StatelessTenant(() => sdk.make(TOOLS).server, { direct });
    for (const probe of ['one', 'two', 'three']) {
      const { text = '' } = await tenant.call('look', '', {
        headers: { 'x-probe': probe, cookie: 'session=1' },
      });
      const seen = JSON.parse(text) as { headers: Record<string, string>; url: string; scopes: string[] };
      expect(seen.headers['x-probe']).toBe(probe);
      expect(seen.headers['mcp-name']).toBe('look');
      expect(seen.url).toBe('http://localhost/mcp');
      expect(seen.scopes).toEqual(['alice']);
      expect(text).not.toContain(tenant.tokens.alice);
      expect(Object.keys(seen.headers)).not.toEqual(expect.arrayContaining(['cookie']));
    }
  });
});
