import { afterEach, describe, expect, it, vi } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import type { Message } from '../../session-era/helpers/messages.js';
import { TOKENS, type World } from '../../session-era/helpers/world.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS, createCell } from '../helpers/cells.js';

afterEach(closeEverything);

const WAIT = { timeout: 5000, interval: 5 };
const FILTER = { notifications: { toolsListChanged: true } };

async function expectTooMany(response: Response): Promise<void> {
  expect(response.status).toBe(429);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  const { id, error } = (await response.json()) as Message;
  expect({ id, code: error?.code }).toEqual({ id: 'one more', code: -32000 });
}

const listens = (world: World): number => world.tessera.getStats().openListens;

describe.each(CELLS)('The cap on listen streams ($name)', (cell) => {
  it('Is that of one tenant: one more is refused with 429, and others listen as before.', async () => {
    const world = await createCell(cell, { limits: { listens: 2 } });
    const acme = new StatelessCaller(world, TOKENS.acme);
    const sibling = new StatelessCaller(world, TOKENS.sibling);
    const globex = new StatelessCaller(world, TOKENS.globex);
    const streams = [await acme.listen(), await sibling.listen()];
    await expectTooMany(await acme.ask('one more', 'subscriptions/listen', FILTER));
    await expectTooMany(await sibling.ask('one more', 'subscriptions/listen', FILTER));
    streams.push(await globex.listen(), await globex.listen());
    await expectTooMany(await globex.ask('one more', 'subscriptions/listen', FILTER));
    expect(listens(world)).toBe(4);
    expect(await acme.textOf(1, 'echo', 'still here')).toBe('still here');
    expect(streams.map(({ ended }) => ended)).toEqual([false, false, false, false]);
  });

  it('Has room again when a client has left.', async () => {
    const world = await createCell(cell, { limits: { listens: 1 } });
    const acme = new StatelessCaller(world, TOKENS.acme);
    for (let turn = 0; turn < 3; turn += 1) {
      const stream = await acme.listen();
      await expectTooMany(await acme.ask('one more', 'subscriptions/listen', FILTER));
      expect(listens(world)).toBe(1);
      await stream.leave();
      await vi.waitFor(() => {
        expect(listens(world)).toBe(0);
      }, WAIT);
    }
  });

  it('Does not count streams that were refused.', async () => {
    const world = await createCell(cell, { limits: { listens: 1 } });
    const acme = new StatelessCaller(world, TOKENS.acme);
    for (let turn = 0; turn < 3; turn += 1) {
      const refused = await acme.ask('bad', 'subscriptions/listen', {}, { headers: { 'mcp-method': 'x' } });
      expect(refused.status).toBe(400);
      await refused.text();
    }
    expect(listens(world)).toBe(0);
    await acme.listen();
  });

  it('Holds also for streams that are opened at the same time.', async () => {
    const world = await createCell(cell, { limits: { listens: 3 } });
    const acme = new StatelessCaller(world, TOKENS.acme);
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => acme.ask('one more', 'subscriptions/listen', FILTER)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429, 429, 429, 429, 429]);
    expect(listens(world)).toBe(3);
    for (const answer of answers) await answer.body?.cancel();
  });

  it('Can be that of one tenant alone, and be changed while it runs.', async () => {
    const world = await createCell(cell, {}, { limits: { listens: 1 } });
    const acme = new StatelessCaller(world, TOKENS.acme);
    const globex = new StatelessCaller(world, TOKENS.globex);
    await acme.listen();
    await expectTooMany(await acme.ask('one more', 'subscriptions/listen', FILTER));
    await globex.listen();
    await globex.listen();
    const limits = { listens: 2 } as object;
    await world.tessera.updateTenant('acme', { limits });
    await acme.listen();
    await expectTooMany(await acme.ask('one more', 'subscriptions/listen', FILTER));
  });

  it('Is for each user where the limits are.', async () => {
    const world = await createCell(cell, {}, { limits: { listens: 1 }, limitsPer: 'subject' });
    const acme = new StatelessCaller(world, TOKENS.acme);
    const sibling = new StatelessCaller(world, TOKENS.sibling);
    await acme.listen();
    await sibling.listen();
    await expectTooMany(await acme.ask('one more', 'subscriptions/listen', FILTER));
    await expectTooMany(await sibling.ask('one more', 'subscriptions/listen', FILTER));
  });
});
