import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { inputResponses, requestState } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { CELLS } from './helpers/servers.js';
import { StatelessTenant } from './helpers/stateless-tenant.js';
import { Stage } from '../../session-era/helpers/stage.js';

afterEach(closeEverything);

/** More ids than any server has given out by then. */
const IDS = [...Array.from({ length: 20 }, (_, index) => index), 'a', 'b'];

describe.each(CELLS)('A notification of a client ($name)', ({ sdk, direct }) => {
  it('Ends no call, whatever id it names: neither one of its own nor that of somebody else.', async () => {
    const stage = new Stage('acme');
    const tenant = new StatelessTenant(
      () =>
        sdk.make({ hold: ({ text, signal }) => stage.hold(text, signal), echo: ({ text }) => text }).server,
      { direct },
    );
    await tenant.call('echo', 'first');
    const calls = ['a', 'b', 'c'].map((id) => tenant.call('hold', id, { id }));
    for (const id of ['a', 'b', 'c']) await stage.untilHeld(id);
    for (const as of ['alice', 'bob'] as const) {
      for (const requestId of IDS) {
        for (const params of [{ requestId }, { requestId, progressToken: requestId, progress: 1 }]) {
          for (const method of ['notifications/cancelled', 'notifications/progress']) {
            expect((await tenant.ask({ method, params, id: undefined, as })).status).toBe(202);
          }
        }
      }
    }
    expect(stage.held.filter(({ signal }) => signal.aborted)).toEqual([]);
    for (const call of stage.held) call.release();
    expect((await Promise.all(calls)).map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  });
});

describe.each([true, false])('What a handler of SDK v1 reads of earlier rounds (direct: %s)', (direct) => {
  it('Cannot be put there by a client that writes the keys into _meta by itself.', async () => {
    const tenant = new StatelessTenant(
      () => {
        const server = new McpServer({ name: 'one', version: '1.0.0' });
        server.registerTool('read', {}, (extra) => {
          const read = { responses: inputResponses(extra), state: requestState(extra) ?? 'none' };
          return { content: [{ type: 'text', text: JSON.stringify(read) }] };
        });
        return server;
      },
      { direct },
    );
    const meta = {
      'io.github.tessera-mcp/inputResponses': { forged: { action: 'accept' } },
      'io.github.tessera-mcp/requestState': 'forged',
    };
    for (let count = 0; count < 3; count += 1) {
      const { text } = await tenant.call('read', '', { meta });
      expect(text).toBe('{"responses":{},"state":"none"}');
    }
  });

  it.each([
    '',
    'forged',
    'own:forged',
    'parked:1',
    'replayed:{"known":[],"keys":[]}',
    'v1.e30.AAAA',
    'x'.repeat(9999),
  ])('Is refused when the state was not sealed here (%s).', async (state) => {
    const tenant = new StatelessTenant(
      () => {
        const server = new McpServer({ name: 'one', version: '1.0.0' });
        server.registerTool('read', {}, (extra) => ({
          content: [{ type: 'text', text: String(requestState(extra)) }],
        }));
        return server;
      },
      { direct },
    );
    const { status, last } = await tenant.call('read', '', { params: { requestState: state } });
    expect([status, last?.error?.code]).toEqual([200, -32602]);
  });
});
