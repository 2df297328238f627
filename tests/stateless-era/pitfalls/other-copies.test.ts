import type * as Sdk from '@modelcontextprotocol/server';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { StatelessTenant } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

// The same package as another module, as programs get it that use require().
const { McpServer } = createRequire(import.meta.url)('@modelcontextprotocol/server') as typeof Sdk;

describe.each([true, false])('A server of another copy of SDK v2 (direct: %s)', (direct) => {
  it('Is served, and the log says once what it goes without.', async () => {
    const tenant = new StatelessTenant(
      () => {
        const server = new McpServer({ name: 'copied', version: '1.0.0' });
        server.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'hello' }] }));
        return server;
      },
      { direct },
    );
    for (const name of ['one', 'two', 'two']) {
      const client = { name, version: '1.0.0' };
      expect((await tenant.call('hello', '', { client })).text).toBe('hello');
      expect((await tenant.list({ client })).map((tool) => tool.name)).toEqual(['hello']);
    }
    expect(tenant.logged.filter((line) => /copy/i.test(line))).toHaveLength(1);
  });
});
