import { TesseraError } from '@tessera-mcp/core';
import { describe, expect, it } from 'vitest';
import { callText, connect } from './helpers/apps.js';
import { connectAnswering } from './helpers/answering-client.js';
import { messagesOf, openRaw, textOf, toolCall } from './helpers/raw-session.js';
import { FLAVOURS, serveShared } from './helpers/shared-server.js';

const NAMES = ['anna', 'bert', 'cleo', 'dora', 'emil'] as const;

/** What a promise was rejected with; its value if it was not. */
const rejectionOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => ({ resolved: value }),
    (error: unknown) => error,
  );

describe.each(FLAVOURS)('requests of one %s that all sessions share', (flavour) => {
  const tools = ['elicit', 'sample', ...(flavour.endsWith('v2') ? ['elicitInput', 'requestSampling'] : [])];

  it.each(tools)('go to the session whose call caused them when they come from %s', async (tool) => {
    const { url } = await serveShared(flavour);
    const clients = await Promise.all(NAMES.map((name) => connectAnswering(url, name)));
    const texts = await Promise.all(clients.map((client) => callText(client, tool, { text: 'Who?' })));
    for (const [index, name] of NAMES.entries()) {
      expect(texts[index]).toContain(name);
      for (const other of NAMES) if (other !== name) expect(texts[index]).not.toContain(other);
    }
  });

  it.each(tools)(
    'from %s still reach a client that can answer after one that cannot has connected',
    async (tool) => {
      const { url } = await serveShared(flavour);
      const able = await connectAnswering(url, 'able');
      await connect(url);
      expect(await callText(able, tool, { text: 'Who?' })).toContain('able');
    },
  );

  it('are not settled by an answer that another session sends', async () => {
    const { url } = await serveShared(flavour);
    const capabilities = { elicitation: {} };
    const [caller, stranger] = await Promise.all([
      openRaw(url, { capabilities }),
      openRaw(url, { capabilities }),
    ]);
    const messages = messagesOf(await caller.post(toolCall(1, 'elicit', 'Who?')));
    const { value: question } = await messages.next();
    expect(question).toMatchObject({ method: 'elicitation/create', params: { message: 'Who?' } });
    const answerAs = (name: string): object => ({
      id: (question as { id: number }).id,
      result: { action: 'accept', content: { name } },
    });
    await stranger.post(answerAs('stranger'));
    await caller.post(answerAs('caller'));
    const { value: answer } = await messages.next();
    expect(answer).toMatchObject({ id: 1 });
    expect(textOf(answer as object)).toContain('caller');
    await messages.return(undefined);
  });

  it('are rejected outside of any call', async () => {
    const { url, ping } = await serveShared(flavour);
    await Promise.all([connect(url), connect(url)]);
    const error = await rejectionOf(ping());
    expect(TesseraError.isInstance(error), String(error)).toBe(true);
    expect(error).toMatchObject({ code: 'no_session_for_message' });
  });

  it('are rejected outside of any call when there is one session only', async () => {
    const { url, ping } = await serveShared(flavour);
    await connect(url);
    const error = await rejectionOf(ping());
    expect(TesseraError.isInstance(error), String(error)).toBe(true);
    expect(error).toMatchObject({ code: 'no_session_for_message' });
  });

  it('are rejected when several sessions call and nothing says which of them is meant', async () => {
    const { url, ping, stage } = await serveShared(flavour);
    const sessions = await Promise.all([openRaw(url), openRaw(url)]);
    const calls = sessions.map(({ callTool }, index) => callTool(1, 'hold', String(index)));
    await expect.poll(() => stage.held.size).toBe(2);
    const error = await rejectionOf(ping());
    expect(TesseraError.isInstance(error), String(error)).toBe(true);
    expect(error).toMatchObject({ code: 'no_session_for_message' });
    stage.release('0');
    stage.release('1');
    expect((await Promise.all(calls)).map(textOf)).toEqual(['held: 0', 'held: 1']);
  });
});
