import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import type { McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { headerValue } from '../fuzz/helpers/draft.js';
import { StatelessTenant, type TakenAnswer } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

const RULED = { region: z.string().meta({ 'x-mcp-header': 'Region' }) };
const UNRULED = { region: z.string() };

const answer = (text: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text }],
});

function makeV1(shape: typeof UNRULED): McpServerLike {
  const server = new McpServerV1({ name: 'one', version: '1.0.0' });
  server.registerTool('go', { inputSchema: shape }, ({ region }) => answer(region));
  return server;
}

function makeV2(shape: typeof UNRULED): McpServerLike {
  const server = new McpServerV2({ name: 'one', version: '1.0.0' });
  server.registerTool('go', { inputSchema: z.object(shape) }, ({ region }) => answer(region));
  return server;
}

const CELLS = [true, false].flatMap((direct) => [
  { name: `SDK v1, ${direct ? 'directly' : 'not directly'}`, make: makeV1, direct },
  { name: `SDK v2, ${direct ? 'directly' : 'not directly'}`, make: makeV2, direct },
]);

const go = (tenant: StatelessTenant, region: string, header?: string): Promise<TakenAnswer> =>
  tenant.call('go', '', {
    params: { arguments: { region } },
    ...(header === undefined ? {} : { headers: { 'mcp-param-region': header } }),
  });

const outcome = ({ status, last, text }: TakenAnswer): unknown => [status, last?.error?.code ?? text];

const MISMATCH = [400, -32020];

describe.each(CELLS)('The header of an argument ($name)', ({ make, direct }) => {
  it('Is demanded of the very first call.', async () => {
    expect(outcome(await go(new StatelessTenant(() => make(RULED), { direct }), 'eu'))).toEqual(MISMATCH);
  });

  it('Is demanded of each call, whatever was answered before.', async () => {
    const tenant = new StatelessTenant(() => make(RULED), { direct });
    for (let count = 0; count < 4; count += 1) {
      expect(outcome(await go(tenant, 'eu', 'eu'))).toEqual([200, 'eu']);
      expect(outcome(await go(tenant, 'eu'))).toEqual(MISMATCH);
      expect(outcome(await go(tenant, 'eu', 'us'))).toEqual(MISMATCH);
      expect(outcome(await go(tenant, 'eu', 'EU'))).toEqual(MISMATCH);
      expect(outcome(await go(tenant, 'grün', headerValue('grün')))).toEqual([200, 'grün']);
      expect(outcome(await go(tenant, 'grün', '=?base64?Z3L8bg?='))).toEqual(MISMATCH);
    }
  });

  it('Is demanded as soon as a new server asks for it, and no longer when the next one does not.', async () => {
    const tenant = new StatelessTenant(() => make(UNRULED), { direct });
    for (let count = 0; count < 3; count += 1) expect(outcome(await go(tenant, 'eu'))).toEqual([200, 'eu']);
    await tenant.tessera.updateTenant('acme', { server: () => make(RULED) });
    for (let count = 0; count < 3; count += 1) expect(outcome(await go(tenant, 'eu'))).toEqual(MISMATCH);
    await tenant.tessera.updateTenant('acme', { server: () => make(UNRULED) });
    for (let count = 0; count < 3; count += 1) expect(outcome(await go(tenant, 'eu'))).toEqual([200, 'eu']);
  });

  it('Is demanded by the server of each caller as that server has it.', async () => {
    const tenant = new StatelessTenant(
      ({ principal: { scopes } }) => make(scopes.includes('alice') ? RULED : UNRULED),
      { direct },
    );
    for (let count = 0; count < 3; count += 1) {
      const params = { arguments: { region: 'eu' } };
      expect(outcome(await tenant.call('go', '', { params, as: 'bob' }))).toEqual([200, 'eu']);
      expect(outcome(await tenant.call('go', '', { params, as: 'alice' }))).toEqual(MISMATCH);
    }
  });
});
