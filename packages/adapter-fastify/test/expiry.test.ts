import { describe, expect, it } from 'vitest';
import { getMcpDecorator } from '../src/index.js';
import { callText, connect } from './helpers/apps.js';
import { openRaw, postInitialize, postPing } from './helpers/raw-session.js';
import { serveVerified } from './helpers/verified-app.js';
import { inSeconds } from './helpers/verifiers.js';

const EXPIRED = '{"error":"invalid_token","error_description":"Token has expired"}';
const EXPIRED_CHALLENGE = 'Bearer error="invalid_token", error_description="Token has expired"';
const HOUR_MS = 3_600_000;

const aboutMilliseconds = (warnings: string[]): string[] =>
  warnings.filter((warning) => /millisecond/i.test(warning));

describe('the expiry of a token', () => {
  it('may be missing', async () => {
    const { url, warnings } = await serveVerified({ 'token-a': {} });
    expect(await callText(await connect(url, 'token-a'), 'echo', { text: 'x' })).toBe('echo: x');
    expect(aboutMilliseconds(warnings())).toEqual([]);
  });

  it('is in seconds, and nothing is warned about then', async () => {
    const { url, warnings } = await serveVerified({ 'token-a': { expiresAt: inSeconds(3600) } });
    expect((await postInitialize(url, { token: 'token-a' })).status).toBe(200);
    expect(aboutMilliseconds(warnings())).toEqual([]);
  });

  it.each([
    ['a second ago', -1],
    ['an hour ago', -3600],
  ])('when it was %s is answered with exactly the challenge and body of OAuth', async (_when, seconds) => {
    const { url } = await serveVerified({ 'token-a': { expiresAt: inSeconds(seconds) } });
    const response = await postInitialize(url, { token: 'token-a' });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(EXPIRED_CHALLENGE);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.text()).toBe(EXPIRED);
  });

  it('at the epoch has passed', async () => {
    const { url } = await serveVerified({ 'token-a': { expiresAt: 0 } });
    const response = await postInitialize(url, { token: 'token-a' });
    expect([response.status, await response.text()]).toEqual([401, EXPIRED]);
  });

  it('that has passed is answered in the same way to GET and DELETE', async () => {
    const { url } = await serveVerified({ 'token-a': { expiresAt: inSeconds(-1) } });
    for (const method of ['GET', 'DELETE']) {
      const headers = {
        authorization: 'Bearer token-a',
        accept: 'text/event-stream',
        'mcp-session-id': 'any',
      };
      const response = await fetch(url, { method, headers });
      expect([response.status, await response.text()]).toEqual([401, EXPIRED]);
      expect(response.headers.get('www-authenticate')).toBe(EXPIRED_CHALLENGE);
    }
  });

  it('is understood in milliseconds too, and warned about once', async () => {
    const { url, warnings } = await serveVerified({
      'token-a': { expiresAt: Date.now() + HOUR_MS },
      'token-b': { expiresAt: Date.now() + HOUR_MS },
      'token-c': { expiresAt: Date.now() - HOUR_MS },
    });
    expect((await postInitialize(url, { token: 'token-a' })).status).toBe(200);
    expect((await postInitialize(url, { token: 'token-a' })).status).toBe(200);
    expect((await postInitialize(url, { token: 'token-b' })).status).toBe(200);
    const expired = await postInitialize(url, { token: 'token-c' });
    expect([expired.status, await expired.text()]).toEqual([401, EXPIRED]);
    expect(aboutMilliseconds(warnings())).toHaveLength(1);
  });

  it('ends an open session, its stream included, and the next request is answered with the expiry', async () => {
    const { app, url } = await serveVerified({ 'token-a': { expiresAt: inSeconds(3) }, 'token-b': {} });
    const client = await connect(url, 'token-a');
    const kept = await openRaw(url, { token: 'token-b' });
    await expect.poll(() => getMcpDecorator(app).getStats().openStreams).toBe(1);
    await expect.poll(() => getMcpDecorator(app).getStats().openStreams, { timeout: 6000 }).toBe(0);
    const response = await postPing(url, client.sessionId, 'token-a');
    expect([response.status, await response.text()]).toEqual([401, EXPIRED]);
    expect(getMcpDecorator(app).getStats().activeSessions).toBe(1);
    expect((await postPing(url, kept.id, 'token-b')).status).toBe(200);
  });

  it('in milliseconds ends it at the right time too', async () => {
    const { url } = await serveVerified({ 'token-a': { expiresAt: Date.now() + 2500 } });
    const { id } = await openRaw(url, { token: 'token-a' });
    expect((await postPing(url, id, 'token-a')).status).toBe(200);
    const status = async (): Promise<number> => (await postPing(url, id, 'token-a')).status;
    await expect.poll(status, { timeout: 6000 }).toBe(401);
  });
});
