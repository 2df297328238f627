import {
  Client,
  InMemoryResponseCacheStore,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import type { McpServerLike, TesseraOptions, TenantOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything, closeLater } from '../../session-era/helpers/cleanup.js';
import { TOKENS, type World } from '../../session-era/helpers/world.js';
import {
  LOOKS_LIKE_A_HINT,
  makeCacheable,
  makeCacheableLowLevel,
  NEWS,
  PUBLIC,
} from '../helpers/cacheable-servers.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS, CELLS_OVER_SOCKETS, createCell, type Cell } from '../helpers/cells.js';
import { REVISION } from '../helpers/envelope.js';

afterEach(closeEverything);

type Make = (sdk: Cell['sdk'], label: string) => McpServerLike;

async function cacheableWorld(
  cell: Cell,
  options: TesseraOptions = {},
  ofAcme: Partial<TenantOptions> = {},
  make: Make = makeCacheable,
): Promise<World> {
  const world = await createCell(cell, options, { server: () => make(cell.sdk, 'acme'), ...ofAcme });
  await world.tessera.updateTenant('globex', { server: () => make(cell.sdk, 'globex') });
  return world;
}

const CACHEABLE: readonly [string, Readonly<Record<string, unknown>>][] = [
  ['tools/list', {}],
  ['prompts/list', {}],
  ['resources/list', {}],
  ['resources/templates/list', {}],
  ['resources/read', { uri: NEWS }],
];

describe.each(CELLS)('What a server says of caching ($name)', (cell) => {
  it.each(CACHEABLE)('Reaches clients as private: %s.', async (method, params) => {
    const world = await cacheableWorld(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    for (let turn = 0; turn < 3; turn += 1) {
      const { result } = await caller.answer(turn, method, params);
      expect([result?.cacheScope, result?.ttlMs]).toEqual(['private', PUBLIC.ttlMs]);
    }
  });

  it('Reaches clients as private also at server/discover.', async () => {
    const world = await cacheableWorld(cell);
    const { result } = await new StatelessCaller(world, TOKENS.acme).answer(1, 'server/discover');
    expect(result?.cacheScope).toBe('private');
    expect(result?.ttlMs).toEqual(expect.any(Number));
  });

  it.each(CACHEABLE)('Reaches clients as it is where the operator allows it: %s.', async (method, params) => {
    const stateless = { direct: cell.direct, publicCache: true };
    const world = await cacheableWorld(cell, { stateless });
    const caller = new StatelessCaller(world, TOKENS.acme);
    for (let turn = 0; turn < 3; turn += 1) {
      const { result } = await caller.answer(turn, method, params);
      expect([result?.cacheScope, result?.ttlMs]).toEqual(['public', PUBLIC.ttlMs]);
    }
  });

  it('Can be allowed for one tenant alone.', async () => {
    const world = await cacheableWorld(cell, {}, { stateless: { publicCache: true } });
    const scopeOf = async (token: string): Promise<string | undefined> =>
      (await new StatelessCaller(world, token).answer(1, 'tools/list')).result?.cacheScope;
    expect(await scopeOf(TOKENS.acme)).toBe('public');
    expect(await scopeOf(TOKENS.globex)).toBe('private');
  });

  it('Is private also in lists of low-level servers.', async () => {
    const world = await cacheableWorld(cell, {}, {}, makeCacheableLowLevel);
    const caller = new StatelessCaller(world, TOKENS.acme);
    for (let turn = 0; turn < 3; turn += 1) {
      const { result } = await caller.answer(turn, 'tools/list');
      expect(result).toMatchObject({ tools: [{ name: 'of_acme' }], cacheScope: 'private' });
    }
  });

  it('Is there also when a server has said nothing of it: private, and stale at once.', async () => {
    const world = await createCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    for (const method of ['tools/list', 'server/discover']) {
      const { result } = await caller.answer(1, method);
      expect([result?.cacheScope, result?.ttlMs]).toEqual(['private', 0]);
    }
  });

  it('Is not mistaken for what a tool says.', async () => {
    const world = await cacheableWorld(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    for (let turn = 0; turn < 3; turn += 1) {
      const { result } = await caller.answer(turn, 'tools/call', { name: 'hint', arguments: {} });
      expect(result?.content?.[0]?.text).toBe(LOOKS_LIKE_A_HINT);
      expect(result).not.toHaveProperty('cacheScope');
    }
  });
});

describe.each(CELLS_OVER_SOCKETS)('Two real clients that share what they cache ($name)', (cell) => {
  /** What the client of each tenant sees, one after the other. */
  const listsOf = async (world: World): Promise<string[][]> => {
    const store = new InMemoryResponseCacheStore();
    const lists: string[][] = [];
    for (const [partition, token] of [
      ['acme', TOKENS.acme],
      ['globex', TOKENS.globex],
    ] as const) {
      const client = new Client(
        { name: 'sharing client', version: '1.0.0' },
        {
          versionNegotiation: { mode: { pin: REVISION } },
          responseCacheStore: store,
          cachePartition: partition,
        },
      );
      closeLater(() => client.close());
      const headers = { authorization: `Bearer ${token}` };
      const url = new URL(`http://127.0.0.1:${String(world.port)}/mcp`);
      await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
      const { tools } = await client.listTools();
      lists.push(tools.map(({ name }) => name));
    }
    return lists;
  };

  it('See their own lists, whatever their servers say.', async () => {
    const world = await cacheableWorld(cell);
    expect(await listsOf(world)).toEqual([
      ['hint', 'of_acme'],
      ['hint', 'of_globex'],
    ]);
  });

  it('Would see those of each other if the operator allowed it, so the store is shared indeed.', async () => {
    const world = await cacheableWorld(cell, { stateless: { direct: cell.direct, publicCache: true } });
    expect(await listsOf(world)).toEqual([
      ['hint', 'of_acme'],
      ['hint', 'of_acme'],
    ]);
  });
});
