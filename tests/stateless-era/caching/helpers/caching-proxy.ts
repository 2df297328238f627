import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeLater } from '../../../session-era/helpers/cleanup.js';
import { stopListening } from '../../../regressions/helpers/connections.js';

interface Kept {
  readonly vary: readonly string[];
  readonly asked: Headers;
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** What a proxy may be told to overlook. */
export interface CachingProxyOptions {
  readonly overlooks?: readonly ('cache-control' | 'vary')[];
}

/** A proxy that keeps every answer which its headers do not forbid it to keep. */
export interface CachingProxy {
  readonly port: number;
  /** How many answers came out of the cache. */
  readonly count: { hits: number };
}

const listOf = (value: string | null): string[] =>
  (value ?? '')
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '');

/**
 * Starts a shared cache in front of a server. It is a greedy one: it also keeps answers to POST, by path and body, as long
 * as `Cache-Control` does not forbid it and the headers that `Vary` names are the same.
 */
export async function startCachingProxy(
  port: number,
  { overlooks = [] }: CachingProxyOptions = {},
): Promise<CachingProxy> {
  const kept = new Map<string, Kept[]>();
  const count = { hits: 0 };

  const answerTo = async (path: string, headers: Headers, body: string): Promise<Kept> => {
    const key = JSON.stringify([path, body]);
    const matches = (one: Kept): boolean =>
      one.vary.every((name) => one.asked.get(name) === headers.get(name));
    const found = kept.get(key)?.find(matches);
    if (found !== undefined) {
      count.hits += 1;
      return found;
    }
    const answer = await fetch(`http://127.0.0.1:${String(port)}${path}`, { method: 'POST', headers, body });
    const fresh: Kept = {
      vary: overlooks.includes('vary') ? [] : listOf(answer.headers.get('vary')),
      asked: headers,
      status: answer.status,
      headers: answer.headers,
      body: await answer.text(),
    };
    const directives = overlooks.includes('cache-control') ? [] : listOf(answer.headers.get('cache-control'));
    const isForbidden = directives.some((one) => ['no-store', 'no-cache', 'private'].includes(one));
    if (answer.ok && !isForbidden && !fresh.vary.includes('*')) {
      kept.set(key, [...(kept.get(key) ?? []), fresh]);
    }
    return fresh;
  };

  const server = createServer((incoming, outgoing) => {
    let body = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => (body += chunk));
    incoming.on('end', () => {
      const headers = new Headers();
      for (const name of Object.keys(incoming.headers)) {
        const value = incoming.headers[name];
        const isOfConnection = ['host', 'connection', 'content-length', 'transfer-encoding'].includes(name);
        if (!isOfConnection && typeof value === 'string') headers.set(name, value);
      }
      answerTo(incoming.url ?? '/', headers, body).then(
        (answer) => {
          const type = answer.headers.get('content-type') ?? 'text/plain';
          outgoing.writeHead(answer.status, { 'content-type': type }).end(answer.body);
        },
        () => outgoing.writeHead(502).end(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closeLater(() => stopListening(server));
  return { port: (server.address() as AddressInfo).port, count };
}
