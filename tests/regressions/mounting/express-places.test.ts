import { createServer, type RequestListener } from 'node:http';
import { createRequire } from 'node:module';

import { toExpressHandler, type ExpressHandler } from '@tessera-mcp/express';
import express5 from 'express';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { ask, initializeInit, listenWith, PathRecorder, tesseraWith } from './helpers/mounts.js';

afterEach(closeEverything);

/** Only the adapter's own package has Express 4. */
const express4 = createRequire(new URL('../../../packages/adapter-express/package.json', import.meta.url))(
  'express4',
) as typeof express5;

const VERSIONS = [
  { version: '4', express: express4, pattern: '/api/*' },
  { version: '5', express: express5, pattern: '/api/*splat' },
  { version: '5', express: express5, pattern: '/api/{*splat}' },
];

type Listening = (path: string, init?: RequestInit) => Promise<[number, string]>;

/** Listens, and asks for the status and the body of a path. */
async function listenWithApp(app: ReturnType<typeof express5>): Promise<Listening> {
  app.use((_request, response) => void response.status(299).send('gone on'));
  const origin = `http://127.0.0.1:${String(await listenWith(createServer(app as RequestListener)))}`;
  return async (path, init) => {
    const { status, text } = await ask(origin + path, init);
    return [status, text];
  };
}

describe.each(VERSIONS)('app.all("$pattern") of Express $version', ({ express, pattern }) => {
  it('Is a prefix for a tessera.', async () => {
    const app = express();
    app.all(pattern, toExpressHandler(tesseraWith()));
    const asked = await listenWithApp(app);
    expect((await asked('/api/mcp', { method: 'POST' }))[0]).toBe(401);
    expect((await asked('/api/mcp', initializeInit()))[0]).toBe(200);
    for (const path of ['/api/other', '/api/mcp/x', '/api/mcp/mcp', '/api/x/mcp', '/mcp']) {
      expect(await asked(path), path).toEqual([299, 'gone on']);
    }
  });

  it('Is a prefix for a plain handler, which answers everything below it.', async () => {
    const handler = new PathRecorder();
    const app = express();
    app.all(pattern, toExpressHandler(handler));
    const asked = await listenWithApp(app);
    for (const path of ['/api/x', '/api/deep/er']) expect(await asked(path)).toEqual([200, 'plain']);
    expect(await asked('/other')).toEqual([299, 'gone on']);
    expect(handler.paths).toEqual(['/api/x', '/api/deep/er']);
    expect(handler.prefixes).toEqual(['/api', '/api']);
  });
});

describe.each([VERSIONS[0], VERSIONS[1]])(
  'A route of Express $version that calls the handler itself',
  (given) => {
    const express = given?.express ?? express5;

    it('Is the endpoint when the options of the handler say so.', async () => {
      const handler: ExpressHandler = toExpressHandler(tesseraWith(), { endpoint: '/assistant' });
      const app = express();
      app.all('/assistant', (request, response, next) => {
        handler(request, response, next);
      });
      const asked = await listenWithApp(app);
      expect((await asked('/assistant', { method: 'POST' }))[0]).toBe(401);
      expect((await asked('/assistant', initializeInit()))[0]).toBe(200);
      expect(await asked('/mcp', initializeInit())).toEqual([299, 'gone on']);
    });

    it('Names that endpoint in its challenges.', async () => {
      const metadata = { protectedResource: { authorization_servers: ['https://auth.example'] } };
      const handler = toExpressHandler(tesseraWith({ metadata }), { endpoint: '/assistant' });
      const app = express();
      app.all('/assistant', (request, response, next) => {
        handler(request, response, next);
      });
      const port = await listenWith(createServer(app as RequestListener));
      const origin = `http://127.0.0.1:${String(port)}`;
      const refused = await ask(`${origin}/assistant`, { method: 'POST' });
      expect(refused.headers.get('www-authenticate')).toContain(
        `${origin}/.well-known/oauth-protected-resource/assistant"`,
      );
    });
  },
);
