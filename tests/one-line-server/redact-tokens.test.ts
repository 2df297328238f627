import { describe, expect, it, vi } from 'vitest';
import { adapters } from './helpers/adapters.js';
import { initialize, openSession, post } from './helpers/raw.js';
import { recordingLogger } from './helpers/recording-logger.js';
import { serverV1, textOf } from './helpers/servers.js';
import { createStage } from './helpers/stage.js';
import { collect, thrownBy } from './helpers/watch.js';

const ALPHA = 'redact-alpha-3a7d09e1c4f85b62';
const BETA = 'redact-beta-f14c88e06b7a2d95';
const FINGERPRINT = /^[0-9a-f]{12}$/;

describe.each(adapters)('redactTokens of a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  it('shows fingerprints of twelve hex digits, another for each token', () => {
    const server = stage.make({ redactTokens: true });
    server.addToken(ALPHA, () => serverV1('alpha')).addToken(BETA, () => serverV1('beta'));
    const [alpha, beta] = server.getTokens();
    expect(alpha).toMatch(FINGERPRINT);
    expect(beta).toMatch(FINGERPRINT);
    expect(alpha).not.toBe(beta);
    expect(server.getStats().tokens).toEqual([alpha, beta]);
  });

  it('shows the same fingerprint after a restart, an update and a new addToken', async () => {
    const server = stage.make({ redactTokens: true }).addToken(ALPHA, () => serverV1('alpha'));
    const first = server.getTokens();
    await server.start();
    await server.stop();
    await server.start();
    expect(server.getTokens()).toEqual(first);
    server.updateToken(ALPHA, () => serverV1('new'));
    expect(server.getTokens()).toEqual(first);
    server.removeToken(ALPHA).addToken(ALPHA, () => serverV1('again'));
    expect(server.getTokens()).toEqual(first);
  });

  it('still takes tokens in hasToken, updateToken and removeToken', async () => {
    const server = stage.make({ redactTokens: true });
    server.addToken(ALPHA, () => serverV1('old')).addToken(BETA, () => serverV1('beta'));
    expect(server.hasToken(ALPHA)).toBe(true);
    expect(server.updateToken(ALPHA, () => serverV1('new'))).toBe(server);
    expect(thrownBy(() => server.addToken(ALPHA, () => serverV1('twice'))).code).toBe('duplicate_token');
    const { url } = await server.start();
    const { client } = await stage.connect(url, ALPHA);
    expect(textOf(await client.callTool({ name: 'greet' }))).toBe('new/greet');
    expect(server.removeToken(ALPHA)).toBe(server);
    expect(server.hasToken(ALPHA)).toBe(false);
    expect(server.getTokens()).toHaveLength(1);
  });

  it('does not take a fingerprint for a token', async () => {
    const server = stage.make({ redactTokens: true }).addToken(ALPHA, () => serverV1('alpha'));
    const fingerprint = server.getTokens()[0] ?? '';
    expect(server.hasToken(fingerprint)).toBe(false);
    server.removeToken(fingerprint);
    expect(server.hasToken(ALPHA)).toBe(true);
    expect(thrownBy(() => server.updateToken(fingerprint, () => serverV1('new'))).code).toBe('unknown_token');
    const { url } = await server.start();
    const response = await post(url, fingerprint, initialize);
    expect(response.status).toBe(401);
    await response.text();
  });

  it('shows the fingerprint in every event and statistic, and the token nowhere', async () => {
    const logger = recordingLogger();
    const server = stage.make({ redactTokens: true, logging: true, logger });
    const events = [
      collect(server, 'tokenAdded'),
      collect(server, 'tokenUpdated'),
      collect(server, 'tokenRemoved'),
      collect(server, 'serverRegistered'),
      collect(server, 'serverUpdated'),
      collect(server, 'serverRemoved'),
      collect(server, 'serverFailed'),
      collect(server, 'sessionCreated'),
      collect(server, 'sessionEnded'),
      collect(server, 'toolCalled'),
    ] as const;
    const [, , , , updated, , failed] = events;
    server.addToken(ALPHA, () => serverV1('first'));
    const fingerprint = server.getTokens()[0] ?? '';
    const { url } = await server.start();
    const { client } = await stage.connect(url, ALPHA);
    await client.callTool({ name: 'greet' });
    server.updateToken(ALPHA, () => serverV1('second'));
    await vi.waitFor(() => {
      expect(updated).toHaveLength(1);
    });
    server.updateToken(ALPHA, () => Promise.reject(new Error('broken')));
    await vi.waitFor(() => {
      expect(failed).toHaveLength(1);
    });
    const shown = [server.getStats(), server.getActiveSessions(), server.getTokens()];
    await openSession(url, ALPHA);
    server.removeToken(ALPHA);
    await vi.waitFor(() => {
      for (const seen of events) expect(seen.length).toBeGreaterThan(0);
    });
    for (const seen of events) {
      for (const [payload] of seen) {
        expect(typeof payload === 'string' ? payload : payload.token).toBe(fingerprint);
      }
    }
    expect(shown[1]).toEqual([expect.objectContaining({ token: fingerprint })]);
    expect(JSON.stringify([shown, events])).not.toContain(ALPHA);
    expect(failed.map(([event]) => event.error.message).join()).not.toContain(ALPHA);
    expect(logger.all().join('\n')).not.toContain(ALPHA);
    expect(logger.all().join('\n')).toContain(fingerprint);
  });

  it('is off unless it is asked for', async () => {
    const { server, url } = await stage.start({ [ALPHA]: () => serverV1('alpha') });
    await openSession(url, ALPHA);
    expect(server.getTokens()).toEqual([ALPHA]);
    expect(server.getStats().tokens).toEqual([ALPHA]);
    expect(server.getActiveSessions()).toMatchObject([{ token: ALPHA }]);
  });
});
