import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { META } from '../fuzz/helpers/draft.js';
import { CELLS, SDK_V1, SDK_V2 } from './helpers/servers.js';
import { StatelessTenant, USUAL_CLIENT } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

const ECHO = { echo: ({ text }: { readonly text: string }): string => text };

/** What no request may say of its client. */
const INVALID_CLIENTS: readonly unknown[] = [null, [null], {}, { name: 'usual' }, 'usual', 0, [USUAL_CLIENT]];
const INVALID_CAPABILITIES: readonly unknown[] = [null, [], 'none', 0, { elicitation: 'yes' }];

/** Cases of a table: an array among the values would be taken for several. */
const cases = (values: readonly unknown[]): { readonly said: unknown }[] => values.map((said) => ({ said }));

describe.each(CELLS)('What a client says of itself ($name)', ({ sdk, direct }) => {
  it.each(cases(INVALID_CLIENTS))(
    'Is refused when it is $said, also after a client without a name was served.',
    async ({ said: client }) => {
      const tenant = new StatelessTenant(() => sdk.make(ECHO).server, { direct });
      for (let count = 0; count < 3; count += 1) {
        const nameless = await tenant.call('echo', 'hello', { meta: { [META.client]: undefined } });
        expect(nameless.text).toBe('hello');
        expect((await tenant.call('echo', 'hello')).text).toBe('hello');
        const refused = await tenant.call('echo', 'hello', { client });
        expect(refused.status).toBe(400);
        expect(refused.last).toMatchObject({ id: 1, error: { code: -32602 } });
      }
    },
  );

  it.each(cases(INVALID_CAPABILITIES))(
    'Is refused when its capabilities are $said, also after others were served.',
    async ({ said: capabilities }) => {
      const tenant = new StatelessTenant(() => sdk.make(ECHO).server, { direct });
      for (let count = 0; count < 3; count += 1) {
        expect((await tenant.call('echo', 'hello')).text).toBe('hello');
        const refused = await tenant.call('echo', 'hello', { capabilities });
        expect([refused.status, refused.last?.error?.code]).toEqual([400, -32602]);
      }
    },
  );

  it('Is judged in a request, also when a notification that said the same was taken.', async () => {
    const tenant = new StatelessTenant(() => sdk.make(ECHO).server, { direct });
    for (const client of INVALID_CLIENTS) {
      for (let count = 0; count < 2; count += 1) {
        const notified = await tenant.ask({ method: 'notifications/acme', id: undefined, client });
        expect(notified.status).toBe(202);
      }
      expect((await tenant.call('echo', 'hello', { client })).status).toBe(400);
    }
    expect((await tenant.call('echo', 'hello')).text).toBe('hello');
  });

  it('Is judged anew after a server for it could not be made.', async () => {
    let fails = true;
    const tenant = new StatelessTenant(
      () => {
        if (fails) throw new Error('no luck');
        return sdk.make(ECHO).server;
      },
      { direct },
    );
    for (let count = 0; count < 3; count += 1) expect((await tenant.call('echo', 'hello')).status).toBe(500);
    for (const client of INVALID_CLIENTS) {
      expect((await tenant.call('echo', 'hello', { client })).status).toBe(400);
    }
    fails = false;
    expect((await tenant.call('echo', 'hello')).text).toBe('hello');
    for (const client of INVALID_CLIENTS) {
      expect((await tenant.call('echo', 'hello', { client })).status).toBe(400);
    }
  });
});

describe('A server of SDK v1', () => {
  /** Valid in the stateless era, and not in an initialize of the session era. */
  const ADMITTED: readonly { readonly client?: unknown; readonly capabilities?: unknown }[] = [
    { capabilities: { tasks: 'yes' } },
    { capabilities: { tasks: { list: true } } },
    { capabilities: { unheardOf: [1] } },
    { client: { name: '', version: '' } },
    { client: { ...USUAL_CLIENT, more: { deep: [1] } } },
  ];

  it.each(ADMITTED)('Answers a client that says %j.', async (said) => {
    for (const direct of [true, false]) {
      const asV2 = new StatelessTenant(() => SDK_V2.make(ECHO).server, { direct });
      const expected = await asV2.call('echo', 'hello', said);
      const asV1 = new StatelessTenant(() => SDK_V1.make(ECHO).server, { direct });
      for (let count = 0; count < 2; count += 1) {
        const answer = await asV1.call('echo', 'hello', said);
        expect([answer.status, answer.text]).toEqual([expected.status, expected.text]);
      }
    }
  });

  it.each([true, false])(
    'Takes notifications of clients that say anything of themselves (direct: %s).',
    async (direct) => {
      const tenant = new StatelessTenant(() => SDK_V1.make(ECHO).server, { direct });
      for (const client of INVALID_CLIENTS) {
        for (const capabilities of INVALID_CAPABILITIES) {
          const asking = { method: 'notifications/acme', id: undefined, client, capabilities };
          expect((await tenant.ask(asking)).status).toBe(202);
        }
      }
      expect((await tenant.call('echo', 'hello')).text).toBe('hello');
      expect(tenant.events('internalError')).toEqual([]);
    },
  );
});
