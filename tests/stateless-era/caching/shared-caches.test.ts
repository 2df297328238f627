import type { TesseraOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { TOKENS, type SendOptions } from '../../session-era/helpers/world.js';
import { makeCacheable, NEWS } from '../helpers/cacheable-servers.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS_OVER_SOCKETS, createCell, type Cell } from '../helpers/cells.js';
import { startCachingProxy, type CachingProxy, type CachingProxyOptions } from './helpers/caching-proxy.js';

afterEach(closeEverything);

interface Behind {
  readonly proxy: CachingProxy;
  readonly acme: StatelessCaller;
  readonly globex: StatelessCaller;
}

/** Two tenants behind a cache, whose clients send the same requests with the same ids. */
async function behindCache(
  cell: Cell,
  overlooks: CachingProxyOptions['overlooks'],
  options: TesseraOptions = {},
): Promise<Behind> {
  const world = await createCell(cell, options, { server: () => makeCacheable(cell.sdk, 'acme') });
  await world.tessera.updateTenant('globex', { server: () => makeCacheable(cell.sdk, 'globex') });
  const proxy = await startCachingProxy(world.port, overlooks === undefined ? {} : { overlooks });
  const send = ({ headers = {}, body }: SendOptions): Promise<Response> =>
    fetch(`http://127.0.0.1:${String(proxy.port)}/mcp`, {
      method: 'POST',
      headers,
      ...(body === undefined ? {} : { body }),
    });
  return {
    proxy,
    acme: new StatelessCaller({ send }, TOKENS.acme),
    globex: new StatelessCaller({ send }, TOKENS.globex),
  };
}

/** Everything that both tenants are answered when they ask the same things by turns. */
async function textsOf({ acme, globex }: Behind): Promise<[string, string]> {
  const texts: [string, string] = ['', ''];
  const requests: readonly [string, Record<string, unknown>][] = [
    ['server/discover', {}],
    ['tools/list', {}],
    ['resources/read', { uri: NEWS }],
  ];
  for (let round = 0; round < 2; round += 1) {
    for (const [method, params] of requests) {
      for (const [index, caller] of [acme, globex].entries()) {
        const answer = await caller.ask(1, method, params);
        expect([method, answer.status]).toEqual([method, 200]);
        texts[index as 0 | 1] += await answer.text();
      }
    }
  }
  return texts;
}

describe.each(CELLS_OVER_SOCKETS)('Two tenants behind a shared cache ($name)', (cell) => {
  it.each([
    ['honours all headers', []],
    ['looks at Cache-Control only', ['vary'] as const],
    ['looks at Vary only', ['cache-control'] as const],
  ])('Never see each other when the cache %s.', async (_name, overlooks) => {
    const [ofAcme, ofGlobex] = await textsOf(await behindCache(cell, overlooks));
    expect(ofAcme).toContain('of_acme');
    expect(ofGlobex).toContain('of_globex');
    expect(ofAcme).not.toContain('globex');
    expect(ofGlobex).not.toContain('acme');
  });

  it('Never see each other when the operator lets public answers through.', async () => {
    const stateless = { direct: cell.direct, publicCache: true };
    const behind = await behindCache(cell, [], { stateless });
    const [ofAcme, ofGlobex] = await textsOf(behind);
    expect(ofAcme).not.toContain('globex');
    expect(ofGlobex).not.toContain('acme');
    expect(behind.proxy.count.hits).toBe(0);
  });

  it('Would see each other if the cache looked at no header, so it is one that can mix them up.', async () => {
    const behind = await behindCache(cell, ['cache-control', 'vary']);
    const [, ofGlobex] = await textsOf(behind);
    expect(ofGlobex).toContain('of_acme');
    expect(behind.proxy.count.hits).toBeGreaterThan(0);
  });
});
