import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { CELLS } from './helpers/servers.js';
import { StatelessTenant } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

describe.each(CELLS)('The media types of a request ($name)', ({ sdk, direct }) => {
  const tenantThatEchoes = (): StatelessTenant =>
    new StatelessTenant(() => sdk.make({ echo: ({ text }) => text }).server, { direct });

  it.each(['text/plain', 'application/jsonx', 'text/plain; application/json', ''])(
    'Make it a 415 when its body is called "%s".',
    async (type) => {
      const { status, last } = await tenantThatEchoes().call('echo', 'x', {
        headers: { 'content-type': type },
      });
      expect([status, last?.error?.code]).toEqual([415, -32000]);
    },
  );

  it.each([
    'application/json',
    'text/event-stream',
    'text/html',
    '',
    'application/json;q=0, text/event-stream',
    '*/*',
  ])('Are right whatever it accepts, as for the SDK itself ("%s").', async (accept) => {
    expect((await tenantThatEchoes().call('echo', 'x', { headers: { accept } })).text).toBe('x');
  });
});
