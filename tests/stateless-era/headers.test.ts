import type { TesseraOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../session-era/helpers/cleanup.js';
import { headersOf } from '../session-era/helpers/session.js';
import { TOKENS, type World } from '../session-era/helpers/world.js';
import { makeWide } from '../session-era/helpers/wide-server.js';
import { StatelessCaller } from './helpers/caller.js';
import { CELLS, createCell, type Cell } from './helpers/cells.js';
import { selfDescribing } from './helpers/envelope.js';

afterEach(closeEverything);

/** Expects that no cache in between may keep an answer, nor show it to somebody with another token. */
function expectUncacheable({ headers }: Response, what: string): void {
  const directives = (headers.get('cache-control') ?? '').split(',').map((one) => one.trim().toLowerCase());
  expect([what, directives]).toEqual([what, expect.arrayContaining(['no-store']) as unknown]);
  const vary = (headers.get('vary') ?? '').split(',').map((one) => one.trim().toLowerCase());
  expect([what, vary]).toEqual([what, expect.arrayContaining(['authorization']) as unknown]);
}

const wideCell = async (cell: Cell, options: TesseraOptions = {}): Promise<World> => {
  const world: World = await createCell(cell, options, { server: () => makeWide(cell.sdk, world.acme) });
  return world;
};

describe.each(CELLS)('Answers of the stateless era ($name)', (cell) => {
  it.each([
    ['server/discover', {}, 200],
    ['tools/list', {}, 200],
    ['tools/call', { name: 'echo', arguments: { text: 'x' } }, 200],
    ['tools/call', { name: 'fail', arguments: {} }, 200],
    ['tools/call', { name: 'no such tool', arguments: {} }, 200],
    ['resources/list', {}, 200],
    ['resources/templates/list', {}, 200],
    ['resources/read', { uri: 'memo://one' }, 200],
    ['prompts/list', {}, 200],
    ['prompts/get', { name: 'greet' }, 200],
    ['no/such/method', {}, 404],
    ['initialize', {}, 404],
    ['ping', {}, 404],
  ])('May not be kept by a cache: %s %j.', async (method, params, status) => {
    const caller = new StatelessCaller(await wideCell(cell), TOKENS.acme);
    for (let turn = 0; turn < 3; turn += 1) {
      const answer = await caller.ask(turn, method, params);
      expect([method, answer.status]).toEqual([method, status]);
      expectUncacheable(answer, method);
      expect(answer.headers.get('mcp-session-id')).toBeNull();
      await answer.text();
    }
  });

  it('May not be kept by a cache when they are streams.', async () => {
    const caller = new StatelessCaller(await wideCell(cell), TOKENS.acme);
    await caller.warmUp();
    for (const answer of [
      await caller.call(1, 'steps', 'x', { meta: { progressToken: 'p' } }),
      await caller.ask(2, 'subscriptions/listen', { notifications: { toolsListChanged: true } }),
    ]) {
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
      expectUncacheable(answer, 'a stream');
      expect(answer.headers.get('x-accel-buffering')).toBe('no');
      await answer.body?.cancel();
    }
  });

  it('May not be kept by a cache when they are refusals.', async () => {
    const world = await wideCell(cell, { limits: { calls: 1, listens: 1, bodyBytes: 5000 } });
    const caller = new StatelessCaller(world, TOKENS.acme);
    const waiting = caller.call(1, 'hold', 'work');
    const held = await world.acme.untilHeld('work');
    const globex = new StatelessCaller(world, TOKENS.globex);
    await globex.listen();
    const { headers, message } = selfDescribing({ id: 1, method: 'tools/list' });
    const body = JSON.stringify(message);
    const plain = headersOf({ token: TOKENS.globex, headers });
    const send = (changed: Record<string, string>, text = body): Promise<Response> =>
      world.send({ headers: { ...plain, ...changed }, body: text });
    const refusals: readonly [number, () => Promise<Response>][] = [
      [400, () => send({ 'mcp-method': 'tools/call' })],
      [400, () => send({ 'mcp-protocol-version': '2027-01-01' })],
      [400, () => send({}, '{')],
      [401, () => send({ authorization: 'Bearer unknown-token-of-some-length' })],
      [413, () => send({}, `${body}${' '.repeat(6000)}`)],
      [415, () => send({ 'content-type': 'text/plain' })],
      [429, () => caller.call(2, 'echo', 'x')],
      [429, () => globex.ask(3, 'subscriptions/listen', { notifications: {} })],
    ];
    for (const [status, refuse] of refusals) {
      const answer = await refuse();
      expect(answer.status).toBe(status);
      expectUncacheable(answer, String(status));
      await answer.text();
    }
    held.release();
    await (await waiting).text();
    await world.tessera.updateTenant('acme', { enabled: false });
    const disabled = await caller.call(4, 'echo', 'x');
    expect(disabled.status).toBe(403);
    expectUncacheable(disabled, '403');
  });

  it('May not be kept by a cache when a server could not be made.', async () => {
    const server = (): never => {
      throw new Error('no server');
    };
    const world = await createCell(cell, {}, { server });
    const answer = await new StatelessCaller(world, TOKENS.acme).ask(1, 'tools/list');
    expect(answer.status).toBe(500);
    expectUncacheable(answer, '500');
  });

  it('To notifications are empty, and may not be kept either.', async () => {
    const world = await wideCell(cell);
    const { headers, message } = selfDescribing({ id: 1, method: 'notifications/whatever' });
    const answer = await world.send({
      headers: headersOf({ token: TOKENS.acme, headers }),
      body: JSON.stringify({ ...message, id: undefined }),
    });
    expect([answer.status, await answer.text()]).toEqual([202, '']);
    expectUncacheable(answer, 'a notification');
  });

  it('Are the same with a session id, which this era does not know.', async () => {
    const world = await wideCell(cell);
    const caller = new StatelessCaller(world, TOKENS.acme);
    const headers = { 'mcp-session-id': 'whatever' };
    const answer = await caller.call(1, 'echo', 'x', { headers });
    expect([answer.status, answer.headers.get('mcp-session-id')]).toEqual([200, null]);
    expect(await answer.text()).toContain('"x"');
  });
});
