import type { McpServerLike, TenantOptions } from '@tessera-mcp/core';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { textOf, type Message } from '../../session-era/helpers/messages.js';
import { answerOf } from '../../session-era/helpers/streams.js';
import { TOKENS, type World } from '../../session-era/helpers/world.js';
import { StatelessCaller } from '../helpers/caller.js';
import { CELLS, createCell } from '../helpers/cells.js';

afterEach(closeEverything);

const SECRET = 'postgres://admin:hunter2@db.internal';

interface Masked {
  readonly code: string;
  readonly errorId: string;
}

/** Expects an error that says no more than a title, a code and an id to ask about. */
async function expectMasked(response: Response, status = 500): Promise<Masked> {
  expect(response.status).toBe(status);
  const text = await response.text();
  expect(text + JSON.stringify([...response.headers])).not.toMatch(/hunter2|\.ts|\.js|node_modules/);
  const message = JSON.parse(text) as Message;
  expect(Object.keys(message).sort()).toEqual(['error', 'id', 'jsonrpc']);
  expect(Object.keys(message.error ?? {}).sort()).toEqual(['code', 'data', 'message']);
  expect(message.error?.code).toBe(-32603);
  expect(Object.keys(message.error?.data ?? {}).sort()).toEqual(['code', 'errorId']);
  const { code = '', errorId = '' } = message.error?.data ?? {};
  expect(errorId).toMatch(/\S/);
  return { code, errorId };
}

const errorIds = (world: World): string[] => world.events('internalError').map((event) => event.errorId);

const failWith = (): never => {
  throw new Error(SECRET);
};

const FAILING: readonly [string, TenantOptions['server'], string][] = [
  ['that throws', failWith, 'factory_failed'],
  ['that rejects', () => Promise.reject(new Error(SECRET)), 'factory_failed'],
  ['that makes nothing', () => undefined as unknown as McpServerLike, 'invalid_server'],
  ['that makes something else', () => ({ secret: SECRET }) as unknown as McpServerLike, 'invalid_server'],
];

const METHODS: readonly [string, Readonly<Record<string, unknown>>][] = [
  ['tools/call', { name: 'echo', arguments: { text: 'x' } }],
  ['tools/list', {}],
  ['server/discover', {}],
  ['subscriptions/listen', { notifications: { toolsListChanged: true } }],
];

describe.each(CELLS)('A server factory that fails ($name)', (cell) => {
  it.each(FAILING)(
    'One %s is told to the program and hidden from the caller.',
    async (_what, server, code) => {
      const world = await createCell(cell, {}, { server });
      const caller = new StatelessCaller(world, TOKENS.acme);
      const expectedIds: string[] = [];
      for (const [method, params] of METHODS) {
        const masked = await expectMasked(await caller.ask(1, method, params));
        expect(masked.code).toBe(code);
        expectedIds.push(masked.errorId);
      }
      expect(errorIds(world)).toEqual(expectedIds);
      expect(new Set(expectedIds).size).toBe(METHODS.length);
      expect(world.events('serverFailed').map(({ tenantId }) => tenantId)).toEqual(METHODS.map(() => 'acme'));
      expect(world.tessera.getStats()).toMatchObject({ callsInFlight: 0, openListens: 0, keptServers: 0 });
      expect(await new StatelessCaller(world, TOKENS.globex).textOf(1, 'whoami')).toBe('globex');
    },
  );

  it.each([
    [2, true],
    [2, false],
    [3, true],
    [3, false],
  ])(
    'One that fails from its server number %i on never shows why (with kept servers: %j).',
    async (from, reuse) => {
      let made = 0;
      const server = (): McpServerLike => {
        made += 1;
        return made < from ? cell.sdk.make(world.acme) : failWith();
      };
      const stateless = { direct: cell.direct, reuse };
      const world: World = await createCell(cell, { stateless }, { server });
      const callers = [TOKENS.acme, TOKENS.sibling].map((token) => new StatelessCaller(world, token));
      for (let turn = 0; turn < 4; turn += 1) {
        for (const caller of callers) {
          for (const [method, params] of METHODS) {
            const answer = await caller.ask(turn, method, params);
            if (answer.status === 200) {
              const isStream = answer.headers.get('content-type') === 'text/event-stream';
              if (isStream) await answer.body?.cancel();
              else expect(await answerOf(answer)).toHaveProperty('result');
            } else {
              expect((await expectMasked(answer)).code).toBe('factory_failed');
            }
          }
        }
      }
      expect(world.events('serverFailed').length).toBe(world.events('internalError').length);
      // Servers that are kept can be enough for all of these requests.
      expect(world.events('serverFailed').length > 0).toBe(made >= from);
    },
  );

  it('What a factory threw is in the events.', async () => {
    const world = await createCell(cell, {}, { server: failWith });
    await new StatelessCaller(world, TOKENS.acme).call(1, 'echo');
    const { error } = world.events('serverFailed')[0] ?? {};
    expect([error?.message, (error?.cause as Error | undefined)?.message].join(' ')).toContain(SECRET);
  });

  it('One that takes too long is answered with 504, and its signal fires.', async () => {
    const signals: AbortSignal[] = [];
    const world = await createCell(
      cell,
      { limits: { factoryMs: 60 } },
      {
        server: ({ signal }) => {
          signals.push(signal);
          return new Promise(() => undefined);
        },
      },
    );
    const caller = new StatelessCaller(world, TOKENS.acme);
    for (const [method, params] of METHODS) {
      const masked = await expectMasked(await caller.ask(1, method, params), 504);
      expect(masked.code).toBe('factory_timeout');
    }
    expect(world.events('serverFailed')).toHaveLength(METHODS.length);
    expect(signals.map(({ aborted }) => aborted)).toEqual(METHODS.map(() => true));
    expect(world.tessera.getStats()).toMatchObject({ callsInFlight: 0, openListens: 0 });
  });

  it('Calls at the same time all hear of one failure, and the next call tries again.', async () => {
    let isBroken = true;
    const world = await createCell(
      cell,
      {},
      { server: () => (isBroken ? failWith() : cell.sdk.make(world.acme)) },
    );
    const caller = new StatelessCaller(world, TOKENS.acme);
    const answers = await Promise.all(Array.from({ length: 5 }, () => caller.call(1, 'whoami')));
    for (const answer of answers) expect((await expectMasked(answer)).code).toBe('factory_failed');
    isBroken = false;
    expect(textOf(await answerOf(await caller.call(2, 'whoami')))).toBe('acme');
  });

  it('One that returns the same server again never lets two users share it.', async () => {
    let only: McpServerLike | undefined;
    const world: World = await createCell(cell, {}, { server: () => (only ??= cell.sdk.make(world.acme)) });
    const first = new StatelessCaller(world, TOKENS.acme);
    const second = new StatelessCaller(world, TOKENS.sibling);
    const isReused = async (response: Response): Promise<void> => {
      const { code } = await expectMasked(response);
      expect(['server_reused', 'server_already_connected']).toContain(code);
    };
    const waiting = first.call(1, 'hold', 'work');
    const call = await Promise.race([world.acme.untilHeld('work'), waiting]);
    await isReused(await second.call(1, 'echo', 'x'));
    // Where a request takes two servers, even the first one finds that they are the same.
    if (call instanceof Response) return isReused(call);
    expect(call.signal.aborted).toBe(false);
    call.release();
    expect(textOf(await answerOf(await waiting))).toBe('work');
  });

  it('One whose server cannot be connected is hidden from the caller too.', async () => {
    const server = (): McpServerLike => {
      const made = cell.sdk.make(world.acme);
      made.connect = () => Promise.reject(new Error(SECRET));
      return made;
    };
    const world: World = await createCell(cell, {}, { server });
    const answer = await new StatelessCaller(world, TOKENS.acme).call(1, 'echo', 'x');
    await expectMasked(answer);
    expect(world.events('serverFailed').map(({ tenantId }) => tenantId)).toEqual(['acme']);
  });

  it('A client that leaves while a factory works fires the signal of the factory.', async () => {
    const signals: AbortSignal[] = [];
    const world = await createCell(
      cell,
      {},
      {
        server: ({ signal }) =>
          new Promise((_resolve, reject) => {
            signals.push(signal);
            signal.addEventListener('abort', () => {
              reject(new Error('no longer wanted'));
            });
          }),
      },
    );
    const leaving = new AbortController();
    const caller = new StatelessCaller(world, TOKENS.acme);
    const waiting = caller.call(1, 'echo', 'x', { signal: leaving.signal }).catch(() => 'gone');
    await expect.poll(() => signals.length, { timeout: 5000 }).toBe(1);
    leaving.abort();
    await waiting;
    await expect.poll(() => signals[0]?.aborted, { timeout: 5000 }).toBe(true);
    await expect.poll(() => world.tessera.getStats().callsInFlight, { timeout: 5000 }).toBe(0);
  });
});
