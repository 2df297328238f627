import { Server as ServerV1 } from '@modelcontextprotocol/sdk/server/index.js';
import {
  McpServer as McpServerV1,
  ResourceTemplate as TemplateV1,
} from '@modelcontextprotocol/sdk/server/mcp.js';
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import {
  McpServer as McpServerV2,
  ResourceTemplate as TemplateV2,
  Server as ServerV2,
} from '@modelcontextprotocol/server';
import type { McpServerLike } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { SDK_V1, SDK_V2 } from '../pitfalls/helpers/servers.js';
import { Listing, MEMORIES, PATHS, type Memory, type Path } from './helpers/listing.js';

afterEach(closeEverything);

interface ListedTools {
  [key: string]: unknown;
  tools: { name: string; inputSchema: { type: 'object' } }[];
  nextCursor?: string;
}

/** A function that lists tools; its answer may differ from time to time. */
type List = (cursor: string | undefined) => ListedTools;

const INFO = { name: 'one', version: '1.0.0' };
const OPTIONS = { capabilities: { tools: { listChanged: true } } };

const toolNamed = (name: string): ListedTools['tools'][number] => ({ name, inputSchema: { type: 'object' } });

const LOW_LEVEL: Readonly<Record<string, (list: List) => McpServerLike>> = {
  'SDK v1': (list) => {
    const server = new ServerV1(INFO, OPTIONS);
    server.setRequestHandler(ListToolsRequestSchema, ({ params }) => list(params?.cursor));
    return server;
  },
  'SDK v2': (list) => {
    const server = new ServerV2(INFO, OPTIONS);
    server.setRequestHandler('tools/list', ({ params }) => list(params?.cursor));
    return server;
  },
};

const TEMPLATED: Readonly<Record<string, (count: () => number) => McpServerLike>> = {
  'SDK v1': (count) => {
    const server = new McpServerV1(INFO);
    const list = (): { resources: { uri: string; name: string }[] } => ({
      resources: [{ uri: 'memo://1', name: `asked ${String(count())} times` }],
    });
    server.registerResource('memo', new TemplateV1('memo://{id}', { list }), {}, () => ({ contents: [] }));
    return server;
  },
  'SDK v2': (count) => {
    const server = new McpServerV2(INFO);
    const list = (): { resources: { uri: string; name: string }[] } => ({
      resources: [{ uri: 'memo://1', name: `asked ${String(count())} times` }],
    });
    server.registerResource('memo', new TemplateV2('memo://{id}', { list }), {}, () => ({ contents: [] }));
    return server;
  },
};

interface ListCell {
  readonly name: string;
  readonly sdk: string;
  readonly path: Path;
}

const CELLS: readonly ListCell[] = ['SDK v1', 'SDK v2'].flatMap((sdk) =>
  PATHS.map((path) => ({ name: `${sdk}, ${path}`, sdk, path })),
);

const listingOf = (
  path: Path,
  memory: Memory,
  make: (scopes: readonly string[]) => McpServerLike,
): Listing<McpServerLike> => new Listing({ path, memory, make, serverOf: (server) => server });

describe.each(CELLS)('A list that a program makes itself ($name)', ({ sdk, path }) => {
  const lowLevel = LOW_LEVEL[sdk] as (list: List) => McpServerLike;

  it.each(['off', 'default'] satisfies Memory[])(
    'Is made anew for each who asks (memory: %s).',
    async (memory) => {
      let times = 0;
      const list: List = () => ({ tools: [toolNamed(`asked ${String((times += 1))} times`)] });
      const listing = listingOf(path, memory, () => lowLevel(list));
      await listing.warmUp('tools/list');
      for (let count = 0; count < 3; count += 1) {
        const before = times;
        expect(await listing.names()).toEqual([`asked ${String(before + 1)} times`]);
      }
    },
  );

  it('Is made once for a server that is kept, where it is said to be static.', async () => {
    let times = 0;
    const list: List = () => {
      times += 1;
      return { tools: [toolNamed('only')] };
    };
    const listing = listingOf(path, 'static', () => lowLevel(list));
    await listing.warmUp('tools/list');
    const before = times;
    for (let count = 0; count < 5; count += 1) expect(await listing.names()).toEqual(['only']);
    // Without the fast path, servers of SDK v2 are not kept.
    if (path !== 'not directly') expect(times).toBe(before);
  });

  it.each(MEMORIES)('Has its pages, each under its cursor (memory: %s).', async (memory) => {
    const list: List = (cursor = '0') => {
      const page = Number(cursor);
      return { tools: [toolNamed(`page${cursor}`)], ...(page < 2 ? { nextCursor: String(page + 1) } : {}) };
    };
    const listing = listingOf(path, memory, () => lowLevel(list));
    for (let count = 0; count < 4; count += 1) {
      let cursor: unknown;
      const names: unknown[] = [];
      do {
        const result = await listing.result('tools/list', cursor === undefined ? {} : { params: { cursor } });
        names.push(...(result['tools'] as { name: string }[]).map(({ name }) => name));
        cursor = result['nextCursor'];
      } while (cursor !== undefined);
      expect(names).toEqual(['page0', 'page1', 'page2']);
    }
  });

  it.each(MEMORIES)(
    'Is asked for each time where it is a list of resources (memory: %s).',
    async (memory) => {
      let times = 0;
      const templated = TEMPLATED[sdk] as (count: () => number) => McpServerLike;
      const listing = listingOf(path, memory, () => templated(() => (times += 1)));
      await listing.warmUp('resources/list');
      for (let count = 0; count < 3; count += 1) {
        const before = times;
        expect(await listing.names('resources/list')).toEqual([`asked ${String(before + 1)} times`]);
      }
    },
  );
});

describe.each(CELLS)('Lists of several callers ($name)', ({ sdk, path }) => {
  it.each(MEMORIES)('Are not mixed up (memory: %s).', async (memory) => {
    const { make } = sdk === 'SDK v1' ? SDK_V1 : SDK_V2;
    const listing = listingOf(
      path,
      memory,
      ([scope = 'nobody']) => make({ [`of-${scope}`]: () => scope }).server,
    );
    for (let count = 0; count < 4; count += 1) {
      expect(await listing.names('tools/list', 'alice')).toEqual(['of-alice']);
      expect(await listing.names('tools/list', 'bob')).toEqual(['of-bob']);
    }
  });
});
