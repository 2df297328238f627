import { generateToken } from '@tessera-mcp/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { Stage } from '../../session-era/helpers/stage.js';
import { TOKENS } from '../../session-era/helpers/world.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS_IN_PROCESS, HOSTS_BOTH_WAYS, createCell } from '../helpers/cells.js';
import { ManyTenants } from './helpers/many-tenants.js';

afterEach(closeEverything);

const WAIT = { timeout: 5000, interval: 5 };

describe.each(HOSTS_BOTH_WAYS)('Remembered lists of many tenants ($name)', (cell) => {
  it.each([
    ['for a second', {}, {}],
    ['never', { rememberListsMs: 0 }, {}],
    ['without limit', {}, { lists: 'static' as const }],
  ])(
    'Each tenant sees its own list, however often and with whomever it asks (kept %s).',
    async (_name, options, ofTenant) => {
      const tenants = await ManyTenants.create(
        cell,
        { stateless: { direct: cell.direct }, ...options },
        ofTenant,
      );
      for (let round = 0; round < 4; round += 1) {
        await Promise.all(
          tenants.all.map(async ({ caller, marker }) => {
            expect(await caller.tools(1)).toEqual(['reveal', 'linger', 'throw', `own_${marker}`, 'grow']);
            const { result } = await caller.answer(1, 'resources/list');
            expect(result?.resources?.map(({ uri }) => uri)).toContain(`secret://${marker}`);
          }),
        );
      }
      expect(tenants.foreignTexts()).toEqual([]);
    },
    60_000,
  );
});

describe.each(CELLS_IN_PROCESS)('Remembered lists of one tenant ($name)', (cell) => {
  it('Differ between users whose servers differ.', async () => {
    const world = await createCell(
      cell,
      {},
      {
        server: ({ principal }) => {
          const stage = new Stage(principal.tokenId);
          const server = cell.sdk.make(stage);
          stage.newest().grow(`only_for_${principal.scopes.join('_')}`);
          return server;
        },
      },
    );
    const [reader, writer] = [generateToken(), generateToken()];
    world.tessera.addToken('acme', reader, { scopes: ['reader'] });
    world.tessera.addToken('acme', writer, { scopes: ['writer'] });
    const callers = [new StatelessCaller(world, reader), new StatelessCaller(world, writer)];
    for (let round = 0; round < 4; round += 1) {
      const lists = await Promise.all(callers.map((caller) => caller.tools(1)));
      expect(lists.map((list) => list.at(-1))).toEqual(['only_for_reader', 'only_for_writer']);
    }
  });

  it('Are forgotten with an update of the server, also where they are kept without limit.', async () => {
    const world = await createCell(cell, {}, { lists: 'static' });
    const caller = new StatelessCaller(world, TOKENS.acme);
    const before = await caller.tools();
    expect(await caller.tools()).toEqual(before);
    const stage = new Stage('new');
    await world.tessera.updateTenant('acme', {
      server: () => {
        const server = cell.sdk.make(stage);
        stage.newest().grow('added');
        return server;
      },
    });
    expect(await caller.tools()).toEqual([...before, 'added']);
  });

  it('Of other tenants stay when one tenant says that its list has changed.', async () => {
    const world = await createCell(cell, {}, { lists: 'static' });
    const acme = new StatelessCaller(world, TOKENS.acme);
    const globex = new StatelessCaller(world, TOKENS.globex);
    const [ofAcme, ofGlobex] = [await acme.listen(), await globex.listen()];
    const lists = [await acme.tools(), await globex.tools()];
    world.tessera.notify('acme').toolsChanged();
    await ofAcme.untilMethod('notifications/tools/list_changed');
    expect([await acme.tools(), await globex.tools()]).toEqual(lists);
    world.tessera.notify('globex').promptsChanged();
    world.tessera.notify('globex').toolsChanged();
    await vi.waitFor(() => {
      expect(ofGlobex.count('notifications/tools/list_changed')).toBe(1);
    }, WAIT);
    expect(ofAcme.count('notifications/tools/list_changed')).toBe(1);
  });
});
