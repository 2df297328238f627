import { describe, expect, it } from 'vitest';
import FastifyMcpServer, { getMcpDecorator, type AuthInfo, type BearerTokenProvider } from '../src/index.js';
import { echoServer, listen, makeApp } from './helpers/apps.js';
import { openRaw, postPing, textOf } from './helpers/raw-session.js';
import { FLAVOURS, makeShared } from './helpers/shared-server.js';
import { serveVerified } from './helpers/verified-app.js';
import { KnownTokens } from './helpers/verifiers.js';

const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000';

const user = (sub: string, iss?: string): Partial<AuthInfo> => ({
  clientId: 'one client for all',
  extra: { sub, ...(iss === undefined ? {} : { iss }) },
});

/** How the endpoint answers to a session, by each method. */
async function answersTo(url: string, id: string, token: string): Promise<[number, string][]> {
  const get = await fetch(url, {
    headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', 'mcp-session-id': id },
  });
  const destroy = await fetch(url, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}`, 'mcp-session-id': id },
  });
  const responses = [await postPing(url, id, token), get, destroy];
  return Promise.all(
    responses.map(async (response): Promise<[number, string]> => [response.status, await response.text()]),
  );
}

describe('the session of a user', () => {
  it.each<[string, Record<string, Partial<AuthInfo>>]>([
    ['another user of the same client', { mine: user('anna'), other: user('bert') }],
    [
      'a user of the same name at another issuer',
      { mine: user('anna', 'https://one.example'), other: user('anna', 'https://two.example') },
    ],
    [
      'a user of the same name without an issuer',
      { mine: user('anna', 'https://one.example'), other: user('anna') },
    ],
    [
      'a user whose name and issuer look the same when they are joined',
      { mine: user('b c', 'a'), other: user('c', 'a b') },
    ],
    ['another token without a user', { mine: { clientId: 'one' }, other: { clientId: 'one' } }],
    ['a user, while it belongs to none', { mine: { clientId: 'one' }, other: user('anna') }],
    ['a token without a user, while it belongs to one', { mine: user('anna'), other: { clientId: 'one' } }],
    ['a user named like the token it belongs to', { mine: { clientId: 'one' }, other: user('mine') }],
  ])('does not exist for %s', async (_who, known) => {
    const { app, url } = await serveVerified(known);
    const { id, callTool } = await openRaw(url, { token: 'mine' });
    const foreign = await answersTo(url, id, 'other');
    expect(foreign.map(([status]) => status)).toEqual([404, 404, 404]);
    expect(foreign).toEqual(await answersTo(url, UNKNOWN_ID, 'other'));
    expect(getMcpDecorator(app).getStats().activeSessions).toBe(1);
    expect(textOf(await callTool(2, 'echo', 'mine'))).toBe('echo: mine');
  });

  it.each<[string, Partial<AuthInfo>]>([
    ['sub', user('anna')],
    ['sub and iss', user('anna', 'https://one.example')],
  ])('stays theirs when their token is refreshed, known by its %s', async (_by, anna) => {
    const { app, url, verifier } = await serveVerified({
      first: { ...anna, scopes: ['read'] },
      second: { ...anna, scopes: ['read', 'write'] },
    });
    const { id } = await openRaw(url, { token: 'first' });
    expect((await postPing(url, id, 'second')).status).toBe(200);
    expect((await postPing(url, id, 'first')).status).toBe(200);
    expect(verifier.asked).toEqual(['first', 'second']);
    const headers = { authorization: 'Bearer second', 'mcp-session-id': id };
    expect((await fetch(url, { method: 'DELETE', headers })).ok).toBe(true);
    expect(getMcpDecorator(app).getStats().activeSessions).toBe(0);
    expect((await postPing(url, id, 'first')).status).toBe(404);
  });

  it.each(FLAVOURS)('does not exist for other users of one %s that all share', async (flavour) => {
    const app = makeApp();
    const shared = makeShared(flavour);
    const verifier = new KnownTokens({
      'anna-1': user('anna'),
      'anna-2': user('anna'),
      'bert-1': user('bert'),
    });
    await app.register(FastifyMcpServer, {
      server: shared.server,
      authorization: { bearerMiddlewareOptions: { verifier } },
    });
    const url = `${await listen(app)}/mcp`;
    const { id } = await openRaw(url, { token: 'anna-1' });
    expect((await postPing(url, id, 'bert-1')).status).toBe(404);
    const refreshed = await postPing(url, id, 'anna-2');
    expect(refreshed.status).toBe(200);
  });

  it('tells handlers about the token of the call, not of the one that opened it', async () => {
    const { url } = await serveVerified({ first: user('anna'), second: user('anna') });
    const { id } = await openRaw(url, { token: 'first' });
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        authorization: 'Bearer second',
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        'mcp-session-id': id,
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 2,
        method: 'tools/call',
        params: { name: 'who', arguments: {} },
      }),
    });
    expect(JSON.parse(textOf((await response.json()) as object) ?? '')).toMatchObject({ token: 'second' });
  });

  it('of one token of a provider does not exist for another token of the same user', async () => {
    const app = makeApp();
    const verifier = new KnownTokens({ first: user('anna'), second: user('anna') });
    const bearerTokenProvider: BearerTokenProvider = {
      verifyAccessToken: (token) => verifier.verifyAccessToken(token),
      createServerForToken: (token) => echoServer(token),
    };
    await app.register(FastifyMcpServer, { authorization: { bearerTokenProvider } });
    const url = `${await listen(app)}/mcp`;
    const { id } = await openRaw(url, { token: 'first' });
    expect((await postPing(url, id, 'second')).status).toBe(404);
    expect((await postPing(url, id, 'first')).status).toBe(200);
  });
});
