import { generateToken, type PerBearerMcpServer, type ServerFactory } from '@tessera-mcp/core';
import { describe, expect, it } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { initialize, post } from './helpers/raw.js';
import { recordingLogger } from './helpers/recording-logger.js';
import { serverV1 } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { collect, thrownBy } from './helpers/watch.js';

const GOOD = 'bad-tokens-good-61f0b3c2d9';
const LONGEST = 8 * 1024;

const malformed: readonly (readonly [string, unknown])[] = [
  ['empty', ''],
  ['one space', ' '],
  ['only white space', ' \t '],
  ['with a space inside', 'two words'],
  ['with a space in front', ' padded'],
  ['with a space at the end', 'padded '],
  ['with a tab', 'tab\tbed'],
  ['with a carriage return', 'carriage\rreturn'],
  ['with a line feed at the end', 'line-feed\n'],
  ['with a header behind a line break', 'token\r\nX-Injected: yes'],
  ['with a comma', 'one,two'],
  ['with a letter outside ASCII', 'clé-secrète'],
  ['with an emoji', 'key-🔑'],
  ['with a null byte', 'null\0byte'],
  ['over 8 KiB long', 'x'.repeat(LONGEST + 1)],
  ['undefined, such as an unset environment variable', undefined],
  ['a number', 12345],
];

async function expectServed(url: string): Promise<void> {
  const response = await post(url, GOOD, initialize);
  expect(response.status).toBe(200);
  await response.text();
}

function add(server: PerBearerMcpServer, token: unknown, factory: unknown): void {
  server.addToken(token as string, factory as ServerFactory);
}

describe.each(adapters)('addToken of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it.each(malformed)('refuses a token that is %s', async (_what, token) => {
    const { server, url } = await stage.start({ [GOOD]: () => serverV1('good') });
    const added = collect(server, 'tokenAdded');
    const error = thrownBy(() => {
      add(server, token, () => serverV1('bad'));
    });
    expect(error.code).toBe('malformed_token');
    expect(error.message).toMatch(/token/i);
    expect(error.message.length).toBeLessThan(1_000);
    if (typeof token === 'string' && token.trim().length > 8) expect(error.message).not.toContain(token);
    expect(added).toEqual([]);
    expect(server.getTokens()).toEqual([GOOD]);
    expect(server.getStats().registeredTokens).toBe(1);
    await expectServed(url);
  });

  it('takes a token of exactly 8 KiB, and serves it', async () => {
    const longest = 'y'.repeat(LONGEST);
    const { url } = await stage.start({ [longest]: () => serverV1('long') });
    const response = await post(url, longest, initialize);
    expect(response.status).toBe(200);
    await response.text();
  });

  it('refuses a token that was added already, and keeps the first server', async () => {
    const { server, url } = await stage.start({ [GOOD]: () => serverV1('first') });
    const added = collect(server, 'tokenAdded');
    const error = thrownBy(() => server.addToken(GOOD, () => serverV1('second')));
    expect(error.code).toBe('duplicate_token');
    expect(error.message).toContain('updateToken');
    expect(error.message).not.toContain(GOOD);
    expect(added).toEqual([]);
    expect(server.getTokens()).toEqual([GOOD]);
    const { client } = await stage.connect(url, GOOD);
    expect(client.getServerVersion()?.name).toBe('first');
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['a text', 'server'],
    ['a server instead of a function that makes one', serverV1('instance')],
  ])('refuses a factory that is %s', async (_what, factory) => {
    const { server, url } = await stage.start({ [GOOD]: () => serverV1('good') });
    const error = thrownBy(() => {
      add(server, 'no-factory-0b5e', factory);
    });
    expect(error.code).toBe('invalid_factory');
    expect(error.message).toMatch(/function|=>/);
    expect(server.hasToken('no-factory-0b5e')).toBe(false);
    await expectServed(url);
    add(server, 'no-factory-0b5e', () => serverV1('now'));
    expect(server.hasToken('no-factory-0b5e')).toBe(true);
  });

  it('refuses an update to something that is not a function, and keeps the old server', async () => {
    const { server, url } = await stage.start({ [GOOD]: () => serverV1('old') });
    const updated = collect(server, 'tokenUpdated');
    const error = thrownBy(() => server.updateToken(GOOD, serverV1('instance') as unknown as ServerFactory));
    expect(error.code).toBe('invalid_factory');
    expect(updated).toEqual([]);
    const { client } = await stage.connect(url, GOOD);
    expect(client.getServerVersion()?.name).toBe('old');
  });
});

describe.each(adapters)('short tokens of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('warn once through logger.warn, without the token', () => {
    const logger = recordingLogger();
    const server = stage.make({ logger });
    server.addToken('shorty-a1', () => serverV1('a'));
    server.addToken('shorty-b2', () => serverV1('b')).addToken('shorty-c3', () => serverV1('c'));
    expect(server.getTokens()).toHaveLength(3);
    expect(logger.lines.warn).toHaveLength(1);
    expect(logger.lines.warn[0]).toMatch(/128|bits/);
    expect(logger.all().join('\n')).not.toContain('shorty-');
  });

  it('do not make long ones warn', () => {
    const logger = recordingLogger();
    const server = stage.make({ logger });
    for (let index = 0; index < 20; index += 1) server.addToken(generateToken(), () => serverV1('strong'));
    expect(server.getTokens()).toHaveLength(20);
    expect(logger.lines.warn).toEqual([]);
  });

  it('are refused when tokens.minimumBits asks for more', async () => {
    const strong = generateToken();
    const { server, url } = await stage.start(
      { [strong]: () => serverV1('strong') },
      { tokens: { minimumBits: 128 } },
    );
    const added = collect(server, 'tokenAdded');
    const error = thrownBy(() => server.addToken('guess-me', () => serverV1('weak')));
    expect(error.code).toBe('weak_token');
    expect(error.message).toMatch(/generateToken|minimumBits/);
    expect(error.message).not.toContain('guess-me');
    expect(added).toEqual([]);
    expect(server.hasToken('guess-me')).toBe(false);
    const response = await post(url, 'guess-me', initialize);
    expect(response.status).toBe(401);
    await response.text();
    const { client } = await stage.connect(url, strong);
    expect(client.getServerVersion()?.name).toBe('strong');
  });
});
