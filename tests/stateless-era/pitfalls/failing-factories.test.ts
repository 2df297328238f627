import type { ServerFactory } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { CELLS } from './helpers/servers.js';
import { StatelessTenant } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

const SECRET = 'postgres://admin:hunter2@db';

/** Factories that give nothing one could use. */
const FAILING: Readonly<Record<string, ServerFactory>> = {
  'that throws': () => {
    throw new Error(SECRET);
  },
  'that rejects': () => Promise.reject(new Error(SECRET)),
  'that throws something else': () => {
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- programs do
    throw { secret: SECRET };
  },
  'that returns nothing': () => undefined as never,
  'that returns something else': () => ({ secret: SECRET }) as never,
  'whose server cannot be connected': () => ({
    connect: () => Promise.reject(new Error(SECRET)),
    close: () => Promise.resolve(),
  }),
};

const REQUESTS = [
  { method: 'tools/call', params: { name: 'echo', arguments: { text: 'hello' } } },
  { method: 'tools/list' },
  { method: 'server/discover' },
  { method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true } } },
];

describe.each([true, false])('A factory (direct: %s)', (direct) => {
  describe.each(Object.entries(FAILING))('%s', (_name, factory) => {
    it.each(REQUESTS)('Makes $method a 500 that says nothing of the cause.', async (asking) => {
      const tenant = new StatelessTenant(factory, { direct });
      for (let count = 0; count < 2; count += 1) {
        const answer = await tenant.ask(asking);
        expect(answer.status).toBe(500);
        expect(answer.last).toMatchObject({ jsonrpc: '2.0', id: 1, error: { code: -32603 } });
        expect(JSON.stringify(answer)).not.toContain('hunter2');
      }
      expect(tenant.events('serverFailed')).not.toEqual([]);
      expect(tenant.tessera.getStats()).toMatchObject({ callsInFlight: 0 });
    });
  });
});

describe.each(CELLS)('A factory that works again ($name)', ({ sdk, direct }) => {
  it('Answers the next call, and all that wait for the first one get the same refusal.', async () => {
    let fails = true;
    const tenant = new StatelessTenant(
      async () => {
        await new Promise((resolve) => setImmediate(resolve));
        if (fails) throw new Error(SECRET);
        return sdk.make({ echo: ({ text }) => text }).server;
      },
      { direct },
    );
    const answers = await Promise.all(Array.from({ length: 8 }, () => tenant.call('echo', 'hello')));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 500));
    fails = false;
    expect((await tenant.call('echo', 'hello')).text).toBe('hello');
  });
});
