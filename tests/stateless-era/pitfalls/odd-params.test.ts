import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { canonical } from '../fuzz/helpers/json.js';
import { SDK_V1, SDK_V2 } from './helpers/servers.js';
import { StatelessTenant } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

const ODD: readonly (readonly [string, unknown])[] = [
  ['arguments', 'x'],
  ['arguments', null],
  ['arguments', []],
  ['task', { ttl: 1 }],
  ['task', 'x'],
  ['requestState', 7],
  ['requestState', null],
  ['requestState', { a: 1 }],
  ['inputResponses', 'x'],
  ['inputResponses', [1]],
  ['unheardOf', 1],
  ['__proto__', { arguments: 'x' }],
  ['cursor', 7],
];

const withOwn = (key: string, value: unknown): Record<string, unknown> =>
  JSON.parse(`{${JSON.stringify(key)}:${JSON.stringify(value)}}`) as Record<string, unknown>;

describe.each([SDK_V1, SDK_V2])('Params that no usual client sends ($name)', (sdk) => {
  it.each(ODD)('Are judged in the same way directly and not: %s is %j.', async (key, value) => {
    const answers: string[] = [];
    for (const direct of [true, false]) {
      const tenant = new StatelessTenant(() => sdk.make({ echo: ({ text }) => text }).server, { direct });
      // The second and the third time, a server is there already.
      for (let count = 0; count < 3; count += 1) {
        const { status, messages } = await tenant.call('echo', 'hello', { params: withOwn(key, value) });
        answers.push(canonical({ status, messages }));
        expect((await tenant.call('echo', 'hello')).text).toBe('hello');
      }
    }
    expect(new Set(answers).size).toBe(1);
  });

  it('Are invalid params where arguments are no object, without the schema of the SDK in the answer.', async () => {
    const tenant = new StatelessTenant(() => sdk.make({ echo: ({ text }) => text }).server);
    await tenant.call('echo', 'hello');
    const { status, last } = await tenant.call('echo', '', { params: { arguments: 'x' } });
    expect(status).toBe(200);
    expect(last).toMatchObject({ id: 1, error: { code: -32602 } });
  });
});
