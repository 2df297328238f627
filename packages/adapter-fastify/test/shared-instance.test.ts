import { describe, expect, it } from 'vitest';
import { callText, connect } from './helpers/apps.js';
import { openRaw, textOf } from './helpers/raw-session.js';
import { FLAVOURS, serveShared } from './helpers/shared-server.js';

const VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26'] as const;
const FIFTY = Array.from({ length: 50 }, (_, index) => index);

describe.each(FLAVOURS)('one %s for all sessions', (flavour) => {
  it('answers fifty initialize requests with one id, each with its own session and protocol version', async () => {
    const { url } = await serveShared(flavour);
    const sessions = await Promise.all(
      FIFTY.map((index) => openRaw(url, { version: VERSIONS[index % VERSIONS.length] ?? '' })),
    );
    expect(new Set(sessions.map(({ id }) => id)).size).toBe(50);
    expect(sessions.map(({ initialized }) => initialized.id)).toEqual(FIFTY.map(() => 1));
    expect(sessions.map(({ initialized }) => initialized.result?.protocolVersion)).toEqual(
      FIFTY.map((index) => VERSIONS[index % VERSIONS.length]),
    );
    expect(new Set(sessions.map(({ initialized }) => initialized.result?.serverInfo?.name))).toEqual(
      new Set(['shared']),
    );
  });

  it('answers fifty calls with one id, each in the session that made it', async () => {
    const { url } = await serveShared(flavour);
    const sessions = await Promise.all(FIFTY.map(() => openRaw(url)));
    const answers = await Promise.all(
      sessions.map(({ callTool }, index) => callTool(1, 'echo', `call ${String(index)}`)),
    );
    expect(answers.map(textOf)).toEqual(FIFTY.map((index) => `echo: call ${String(index)}`));
    expect(answers.map(({ id }) => id)).toEqual(FIFTY.map(() => 1));
  });

  it('gives every session its own answer when fifty calls with one id end in the reverse order', async () => {
    const { url, stage } = await serveShared(flavour);
    const sessions = await Promise.all(FIFTY.map(() => openRaw(url)));
    const answers = sessions.map(({ callTool }, index) => callTool(1, 'hold', String(index)));
    await expect.poll(() => stage.held.size).toBe(50);
    for (const index of FIFTY.toReversed()) stage.release(String(index));
    expect((await Promise.all(answers)).map(textOf)).toEqual(FIFTY.map((index) => `held: ${String(index)}`));
  });

  it('opens sessions while calls of others with the same id are in flight', async () => {
    const { url, stage } = await serveShared(flavour);
    const first = await openRaw(url);
    const held = first.callTool(1, 'hold', 'first');
    await expect.poll(() => stage.held.size).toBe(1);
    const second = await openRaw(url);
    expect(second.initialized.result?.serverInfo?.name).toBe('shared');
    expect(textOf(await second.callTool(1, 'echo', 'second'))).toBe('echo: second');
    stage.release('first');
    expect(textOf(await held)).toBe('held: first');
  });

  it('serves the clients of the SDK, one after the other and side by side', async () => {
    const { url } = await serveShared(flavour);
    const clients = await Promise.all([connect(url), connect(url), connect(url)]);
    expect(await Promise.all(clients.map((client) => callText(client, 'echo', { text: 'hi' })))).toEqual([
      'echo: hi',
      'echo: hi',
      'echo: hi',
    ]);
    expect((await clients[0].listTools()).tools.map(({ name }) => name)).toContain('hold');
  });

  it('sends the progress of a call to the session that made it, though all use the same progress token', async () => {
    const { url } = await serveShared(flavour);
    const clients = await Promise.all([connect(url), connect(url)]);
    const steps = ['135', '246'];
    const seen = await Promise.all(
      clients.map(async (client, index) => {
        const progress: number[] = [];
        const input = { name: 'count', arguments: { text: steps[index] } };
        await client.callTool(input, undefined, { onprogress: (step) => progress.push(step.progress) });
        return progress.join('');
      }),
    );
    expect(seen).toEqual(steps);
  });

  it('answers a call of a tool that does not exist in the session that made it', async () => {
    const { url } = await serveShared(flavour);
    const [one, two] = await Promise.all([openRaw(url), openRaw(url)]);
    const [missing, found] = await Promise.all([
      one.post({ id: 1, method: 'no/such/method' }).then((response): Promise<unknown> => response.json()),
      two.callTool(1, 'echo', 'two'),
    ]);
    expect(missing).toMatchObject({ id: 1, error: { code: -32601 } });
    expect(textOf(found)).toBe('echo: two');
  });
});
