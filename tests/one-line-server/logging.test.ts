import { describe, expect, it, vi } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { callTool, initialize, openSession, post } from './helpers/raw.js';
import { recordingLogger } from './helpers/recording-logger.js';
import { answer, serverV1 } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';

const TOKEN = 'logging-token-long-enough-0c7be94f51a86d23';
const SECRET = 'body-secret-8812';
const FINGERPRINT = /\b[0-9a-f]{12}\b/;

describe.each(adapters)('the request lines of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('are one for listening and one for each request', async () => {
    const logger = recordingLogger();
    const { url, info } = await stage.start({ [TOKEN]: () => serverV1('one') }, { logger, logging: true });
    expect(logger.lines.info).toHaveLength(1);
    expect(logger.lines.info[0]).toContain(info.url);
    await openSession(url, TOKEN);
    await vi.waitFor(() => {
      expect(logger.lines.info).toHaveLength(3);
    });
    await (await post(url, undefined, initialize)).text();
    await vi.waitFor(() => {
      expect(logger.lines.info).toHaveLength(4);
    });
    expect(logger.lines.info.every((line) => !line.includes('\n'))).toBe(true);
  });

  it('tell method, status, era, milliseconds, tenant and fingerprint', async () => {
    const logger = recordingLogger();
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') }, { logger, logging: true });
    const sessionId = await openSession(url, TOKEN);
    const response = await post(url, TOKEN, callTool('greet'), sessionId);
    await response.text();
    await vi.waitFor(() => {
      expect(logger.lines.info).toHaveLength(4);
    });
    const line = logger.lines.info[3] ?? '';
    expect(line).toContain('POST');
    expect(line).toContain('200');
    expect(line).toContain('session');
    expect(line).toMatch(/\d+(\.\d+)? ?ms/);
    expect(line).toMatch(FINGERPRINT);
    expect(line).toMatch(/tenant/);
    const fingerprints = logger.lines.info.slice(1).map((each) => FINGERPRINT.exec(each)?.[0]);
    expect(new Set(fingerprints).size).toBe(1);
  });

  it('tell the status of refusals and failures', async () => {
    const logger = recordingLogger();
    const broken = 'logging-broken-long-enough-55d1c0fe7a93b624';
    const { url } = await stage.start(
      { [broken]: () => Promise.reject(new Error('factory secret')) },
      { logger, logging: true },
    );
    await (await post(url, 'unknown-token-that-nobody-has', initialize)).text();
    await (await post(url, broken, initialize)).text();
    await vi.waitFor(() => {
      expect(logger.lines.info).toHaveLength(3);
    });
    expect(logger.lines.info[1]).toContain('401');
    expect(logger.lines.info[2]).toContain('500');
    expect(logger.all().join('\n')).not.toContain('unknown-token-that-nobody-has');
    expect(logger.all().join('\n')).not.toContain(broken);
  });

  it('never show a token, a session id or a body', async () => {
    const logger = recordingLogger();
    const { url, server } = await stage.start(
      {
        [TOKEN]: () => {
          const mcp = serverV1('one');
          mcp.tool('tell', 'Tells a secret', {}, () => answer(SECRET));
          return mcp;
        },
      },
      { logger, logging: true },
    );
    const { client, transport, sessionId } = await stage.connect(url, TOKEN);
    await client.callTool({ name: 'tell', arguments: { secret: SECRET } });
    await client.callTool({ name: 'unknown', arguments: { secret: SECRET } }).catch(() => undefined);
    const modern = await stage.connectModern(url, TOKEN);
    await modern.callTool({ name: 'tell', arguments: { secret: SECRET } });
    await (await post(`${url}?token=${TOKEN}`, undefined, callTool('tell', { secret: SECRET }))).text();
    await transport.terminateSession();
    await (await post(url, TOKEN, callTool('tell'), sessionId)).text();
    server.removeToken(TOKEN);
    await server.stop();
    const text = logger.all().join('\n');
    expect(logger.lines.info.length).toBeGreaterThan(6);
    expect(text).not.toContain(TOKEN);
    expect(text).not.toContain(sessionId);
    expect(text).not.toContain(SECRET);
  });

  it('are not written without logging', async () => {
    for (const options of [{}, { logging: false }]) {
      const logger = recordingLogger();
      const { url } = await stage.start({ [TOKEN]: () => serverV1('one') }, { logger, ...options });
      await openSession(url, TOKEN);
      await (await post(url, undefined, initialize)).text();
      expect(logger.lines.info).toEqual([]);
    }
  });

  it('go to the console when there is no logger', async () => {
    const written: unknown[][] = [];
    const spies = (['log', 'info', 'debug', 'warn', 'error'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation((...parts: unknown[]) => void written.push(parts)),
    );
    stage.later(() => {
      for (const spy of spies) spy.mockRestore();
    });
    const server = adapter.create({ logging: true }).addToken(TOKEN, () => serverV1('one'));
    stage.later(() => server.stop());
    const { url } = await server.start();
    await openSession(url, TOKEN);
    await vi.waitFor(() => {
      expect(written.length).toBeGreaterThanOrEqual(3);
    });
    expect(JSON.stringify(written)).toContain(url);
    expect(JSON.stringify(written)).not.toContain(TOKEN);
  });

  it('change no answer when the logger throws', async () => {
    let isFull = false;
    const write = (): void => {
      if (isFull) throw new Error('The log is full.');
    };
    const logger = { debug: write, info: write, warn: write, error: write };
    const { url } = await stage.start({ [TOKEN]: () => serverV1('one') }, { logger, logging: true });
    isFull = true;
    expect(await openSession(url, TOKEN)).not.toBe('');
    isFull = false;
  });
});
