import { createTessera, generateToken, type TesseraEvents, type TesseraOptions } from '@tessera-mcp/core';
import { serve } from '@tessera-mcp/node';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything, closeLater } from '../../session-era/helpers/cleanup.js';
import { CLIENTS, type ClientKind, type MatrixClient } from './helpers/clients.js';
import { NOTE, PAGES, SERVERS, type ServerSdk } from './helpers/servers.js';

interface MatrixCell {
  readonly name: string;
  readonly kind: ClientKind;
  readonly server: ServerSdk;
  readonly direct: boolean;
}

/** The session era has one way only. */
const waysOf = ({ era }: ClientKind): boolean[] => (era === 'stateless' ? [true, false] : [true]);

const CELLS: readonly MatrixCell[] = CLIENTS.flatMap((kind) =>
  SERVERS.flatMap((server) =>
    waysOf(kind).map((direct) => ({
      name: `${kind.name}, ${server.name}${direct ? '' : ', indirect'}`,
      kind,
      server,
      direct,
    })),
  ),
);

interface Connected {
  readonly client: MatrixClient;
  /** Expects that the client has been served by the rules of its era, and of no other. */
  readonly expectEra: () => void;
  readonly toolCalls: TesseraEvents['toolCalled'][];
}

async function connect({ kind, server, direct }: MatrixCell): Promise<Connected> {
  const options: TesseraOptions = { stateless: { direct } };
  const tessera = createTessera(options);
  closeLater(() => tessera.close());
  const token = generateToken();
  tessera.addTenant({ id: 'acme', server: server.make, tokens: [token] });
  const toolCalls: TesseraEvents['toolCalled'][] = [];
  tessera.on('toolCalled', (event) => {
    toolCalls.push(event);
  });
  const eras = new Set<string>();
  let sessions = 0;
  tessera.on('requestHandled', ({ era = 'none' }) => eras.add(era));
  tessera.on('sessionCreated', () => (sessions += 1));
  const served = await serve(tessera);
  closeLater(() => {
    const closed = served.close();
    served.server.closeAllConnections();
    return closed;
  });
  const client = await kind.connect(new URL(`${served.origin}/mcp`), token);
  const expectEra = (): void => {
    expect(client.revision()).toBe(kind.revision);
    expect([...eras]).toEqual([kind.era]);
    expect(sessions).toBe(kind.era === 'session' ? 1 : 0);
  };
  return { client, expectEra, toolCalls };
}

afterEach(closeEverything);

describe.each(CELLS)('$name', (cell) => {
  it('Lists tools and calls them.', async () => {
    const { client, expectEra, toolCalls } = await connect(cell);
    expect(await client.tools()).toEqual(['add', 'count', 'askName', 'fail']);
    for (const a of [1, 2, 3]) {
      const answer = await client.call('add', { a, b: 40 });
      expect(answer).toEqual({
        text: String(a + 40),
        structuredContent: { sum: a + 40 },
        isError: false,
      });
    }
    expect(await client.call('fail')).toMatchObject({ text: 'no luck', isError: true });
    expect(toolCalls.map(({ toolName, success }) => `${toolName} ${String(success)}`)).toEqual([
      ...Array.from({ length: 3 }, () => 'add true'),
      'fail false',
    ]);
    for (const call of toolCalls) expect(call).toMatchObject({ tenantId: 'acme', era: cell.kind.era });
    expect(toolCalls.map((call) => 'sessionId' in call)).toEqual(
      toolCalls.map(() => cell.kind.era === 'session'),
    );
    expectEra();
  });

  it('Refuses arguments that do not fit, and goes on.', async () => {
    const { client, expectEra } = await connect(cell);
    const refusal = await client.call('add', { a: 'one', b: 2 }).catch((thrown: unknown) => thrown);
    expect(JSON.stringify(refusal) + String(refusal)).toMatch(/-32602|isError":true/);
    expect(await client.call('add', { a: 1, b: 2 })).toMatchObject({ text: '3' });
    expectEra();
  });

  it('Tells progress while a call runs.', async () => {
    const { client, expectEra } = await connect(cell);
    await client.tools();
    for (let turn = 0; turn < 2; turn += 1) {
      const told: number[] = [];
      const answer = await client.call('count', {}, (progress) => told.push(progress));
      expect(answer).toMatchObject({ text: 'counted' });
      expect(told).toEqual([1, 2, 3]);
    }
    expect(await client.call('count')).toMatchObject({ text: 'counted' });
    expectEra();
  });

  it('Lists resources and templates, and reads them.', async () => {
    const { client, expectEra } = await connect(cell);
    expect(await client.resources()).toEqual([NOTE, 'memo://pages/first', 'memo://pages/second']);
    expect(await client.templates()).toEqual([PAGES]);
    expect(await client.read(NOTE)).toEqual([{ uri: NOTE, text: 'buy milk' }]);
    expect(await client.read('memo://pages/second')).toEqual([
      { uri: 'memo://pages/second', text: 'page second' },
    ]);
    await expect(client.read('memo://nothing')).rejects.toThrow();
    expect(await client.read(NOTE)).toEqual([{ uri: NOTE, text: 'buy milk' }]);
    expectEra();
  });

  it('Lists prompts and fills them in.', async () => {
    const { client, expectEra } = await connect(cell);
    expect(await client.prompts()).toEqual(['greet']);
    for (const city of ['Berlin', 'Århus']) {
      expect(await client.prompt('greet', { city })).toEqual([
        { role: 'user', content: { type: 'text', text: `Good morning, ${city}.` } },
      ]);
    }
    await expect(client.prompt('insult', {})).rejects.toThrow();
    expectEra();
  });

  it('Completes arguments of prompts and of templates.', async () => {
    const { client, expectEra } = await connect(cell);
    const prompt = { type: 'ref/prompt', name: 'greet' } as const;
    expect(await client.complete(prompt, 'city', 'Aa')).toEqual(['Aachen', 'Aarhus']);
    const template = { type: 'ref/resource', uri: PAGES } as const;
    expect(await client.complete(template, 'page', 's')).toEqual(['second']);
    expectEra();
  });

  it('Asks the user in the middle of a call.', async () => {
    const { client, expectEra, toolCalls } = await connect(cell);
    for (let turn = 1; turn <= 2; turn += 1) {
      expect(await client.call('askName')).toMatchObject({ text: 'accept Ada', isError: false });
      expect(client.asked).toHaveLength(turn);
    }
    expect(client.asked).toEqual(['What is your name?', 'What is your name?']);
    expect(new Set(toolCalls.map(({ toolName }) => toolName))).toEqual(new Set(['askName']));
    expectEra();
  });

  it('Serves calls that run at the same time.', async () => {
    const { client, expectEra } = await connect(cell);
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const answers = await Promise.all(numbers.map((a) => client.call('add', { a, b: 1 })));
    expect(answers.map(({ text }) => text)).toEqual(numbers.map((a) => String(a + 1)));
    expectEra();
  });
});
