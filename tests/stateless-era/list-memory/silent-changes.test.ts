import {
  McpServer as McpServerV1,
  ResourceTemplate as TemplateV1,
} from '@modelcontextprotocol/sdk/server/mcp.js';
import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { McpServer as McpServerV2, ResourceTemplate as TemplateV2 } from '@modelcontextprotocol/server';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { DEFAULT_AGE_MS, Listing, PATHS, type Memory, type Path } from './helpers/listing.js';

afterEach(closeEverything);

/** Longer than anything is remembered that is not static, and shorter than servers are kept. */
const LONG_MS = 120_000;

/** What a test changes of a server without a word. */
interface SilentServer {
  readonly server: McpServerV1 | McpServerV2;
  /** Writes another description into the field of a tool, a prompt or a template. */
  readonly describe: (method: string, description: string) => void;
  /** Has another function answer `tools/list`. */
  readonly relist: (name: string) => void;
}

const NOTHING = { content: [] };

function makeV1(): SilentServer {
  const server = new McpServerV1({ name: 'one', version: '1.0.0' });
  const tool = server.registerTool('thing', { description: 'old' }, () => NOTHING);
  const prompt = server.registerPrompt('thing', { description: 'old' }, () => ({ messages: [] }));
  const template = server.registerResource(
    'thing',
    new TemplateV1('memo://{id}', { list: undefined }),
    { description: 'old' },
    () => ({ contents: [] }),
  );
  return {
    server,
    describe: (method, description) => {
      if (method === 'tools/list') tool.description = description;
      else if (method === 'prompts/list') prompt.description = description;
      else template.metadata = { description };
    },
    relist: (name) => {
      const tools = [{ name, inputSchema: { type: 'object' as const } }];
      server.server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
    },
  };
}

function makeV2(): SilentServer {
  const server = new McpServerV2({ name: 'one', version: '1.0.0' });
  const tool = server.registerTool('thing', { description: 'old' }, () => NOTHING);
  const prompt = server.registerPrompt('thing', { description: 'old' }, () => ({ messages: [] }));
  const template = server.registerResource(
    'thing',
    new TemplateV2('memo://{id}', { list: undefined }),
    { description: 'old' },
    () => ({ contents: [] }),
  );
  return {
    server,
    describe: (method, description) => {
      if (method === 'tools/list') tool.description = description;
      else if (method === 'prompts/list') prompt.description = description;
      else template.metadata = { description };
    },
    relist: (name) => {
      const tools = [{ name, inputSchema: { type: 'object' as const } }];
      server.server.setRequestHandler('tools/list', () => ({ tools }));
    },
  };
}

const SDKS = [
  { sdk: 'SDK v1', make: makeV1 },
  { sdk: 'SDK v2', make: makeV2 },
];
const CELLS = SDKS.flatMap(({ sdk, make }) => PATHS.map((path) => ({ name: `${sdk}, ${path}`, make, path })));
const KEPT = CELLS.filter(({ path }) => path !== 'not directly');
const METHODS = ['tools/list', 'prompts/list', 'resources/templates/list'];

const listingOf = (make: () => SilentServer, path: Path, memory: Memory): Listing<SilentServer> =>
  new Listing({ path, memory, make, serverOf: ({ server }) => server });

describe.each(CELLS)('A change of a list that no server announces ($name)', ({ make, path }) => {
  it.each(METHODS)('Is seen at once where nothing is remembered (%s).', async (method) => {
    const listing = listingOf(make, path, 'off');
    await listing.warmUp(method);
    for (const description of ['new', 'newer']) {
      listing.change((made) => {
        made.describe(method, description);
      });
      expect(await listing.description('thing', method)).toBe(description);
    }
  });

  it.each(METHODS)('Is seen a second later, by default (%s).', async (method) => {
    const listing = listingOf(make, path, 'default');
    for (const description of ['new', 'newer', 'newest']) {
      await listing.warmUp(method);
      listing.change((made) => {
        made.describe(method, description);
      });
      await listing.time.advance(DEFAULT_AGE_MS + 1);
      expect(await listing.description('thing', method)).toBe(description);
    }
  });

  it.each(['off', 'default', 'static'] satisfies Memory[])(
    'Is seen at once when it is another function that lists (memory: %s).',
    async (memory) => {
      const listing = listingOf(make, path, memory);
      for (const name of ['other', 'another']) {
        await listing.warmUp('tools/list');
        listing.change(({ relist }) => {
          relist(name);
        });
        expect(await listing.names()).toEqual([name]);
      }
    },
  );
});

describe.each(KEPT)('A list that is remembered ($name)', ({ make, path }) => {
  it.each(METHODS)(
    'Is the same for a second and not longer, however often it is asked for (%s).',
    async (method) => {
      const listing = listingOf(make, path, 'default');
      await listing.warmUp(method);
      await listing.time.advance(DEFAULT_AGE_MS + 1);
      expect(await listing.description('thing', method)).toBe('old');
      listing.change((made) => {
        made.describe(method, 'new');
      });
      for (let passed = 0; passed < 900; passed += 300) {
        await listing.time.advance(300);
        expect(await listing.description('thing', method)).toBe('old');
      }
      await listing.time.advance(101);
      expect(await listing.description('thing', method)).toBe('new');
    },
  );

  it.each(METHODS)(
    'Is the same until a change is announced, where it is said to be static (%s).',
    async (method) => {
      const listing = listingOf(make, path, 'static');
      await listing.warmUp(method);
      listing.change((made) => {
        made.describe(method, 'new');
      });
      await listing.time.advance(LONG_MS);
      expect(await listing.description('thing', method)).toBe('old');
      listing.change(({ server }) => {
        server.sendToolListChanged();
        server.sendPromptListChanged();
        server.sendResourceListChanged();
      });
      expect(await listing.description('thing', method)).toBe('new');
    },
  );

  it('Is answered like the first time, but for the id.', async () => {
    const listing = listingOf(make, path, 'static');
    const first = await listing.result('tools/list');
    for (let count = 0; count < 5; count += 1) expect(await listing.result('tools/list')).toEqual(first);
    expect(await listing.result('tools/list', { params: { cursor: 'x' } })).toEqual(first);
  });
});
