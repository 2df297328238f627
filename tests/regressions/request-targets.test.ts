import { afterEach, describe, expect, it } from 'vitest';

import { adapters } from '../one-line-server/helpers/adapters.js';
import { recordingLogger, type RecordingLogger } from '../one-line-server/helpers/recording-logger.js';
import { serverV1 } from '../one-line-server/helpers/servers.js';
import { createStage } from '../one-line-server/helpers/stage.js';
import { closeEverything } from '../session-era/helpers/cleanup.js';
import { rawRequest, type RawAnswer } from '../session-era/helpers/raw.js';
import { createWorld, OVER_SOCKET } from '../session-era/helpers/world.js';

afterEach(closeEverything);

const TOKEN = 'request-targets-9a6e02c7f1';

const TARGETS = [
  'OPTIONS *',
  'GET *',
  'GET http://a:b:c/x',
  'GET http://a:b:c/mcp',
  'POST http://a:b:c/mcp',
  'OPTIONS http://a:b:c/mcp',
  'GET http:///x',
  'GET http://a:b:c/.well-known/oauth-protected-resource',
  'GET http://127.0.0.1:99999/.well-known/oauth-protected-resource/mcp',
  'GET //mcp',
  'POST //a:b:c/mcp',
  'GET /%zz',
  'POST /mcp?%zz',
  'DELETE /mcp/..;/%00',
];

const OAUTH = {
  issuer: 'https://issuer.example',
  authorizationEndpoint: 'https://issuer.example/authorize',
  tokenEndpoint: 'https://issuer.example/token',
};

/** The body, also of an answer whose length was not known when it began. */
const bodyOf = ({ text }: RawAnswer): string => {
  const end = text.indexOf('\r\n\r\n');
  const [head, body] = [text.slice(0, end), text.slice(end + 4)];
  return /^transfer-encoding: chunked$/im.test(head)
    ? body.replace(/^[\da-f]+\r\n|\r\n[\da-f]+\r\n/g, '').trim()
    : body;
};

/** Asks without a token. */
function ask(port: number, firstLine: string, host = '127.0.0.1'): Promise<RawAnswer> {
  const length = firstLine.startsWith('POST') ? ['content-length: 0'] : [];
  return rawRequest(port, [`${firstLine} HTTP/1.1`, `host: ${host}`, ...length]);
}

describe.each(adapters)('Odd requests without a token to a one-line server on $adapter', (adapter) => {
  const stage = createStage(adapter);

  async function start(): Promise<{ port: number; logger: RecordingLogger }> {
    const logger = recordingLogger();
    const { info } = await stage.start({ [TOKEN]: () => serverV1('one') }, { logger, oauth2: OAUTH });
    return { port: info.port, logger };
  }

  it.each(TARGETS)('"%s" is no error of the server.', async (target) => {
    const { port, logger } = await start();
    const { status } = await ask(port, target);
    expect(status).toBeGreaterThanOrEqual(200);
    expect(status).toBeLessThan(500);
    expect(logger.lines.error).toEqual([]);
  });

  it('A content type that is none is refused for the missing token.', async () => {
    const { port, logger } = await start();
    const lines = ['POST /mcp HTTP/1.1', 'host: 127.0.0.1', 'content-type: foo', 'content-length: 2'];
    const answer = await rawRequest(port, lines, '{}');
    expect(answer.status).toBe(401);
    expect(answer.text).toMatch(/^www-authenticate: Bearer /im);
    expect(logger.lines.error).toEqual([]);
  });

  it('A malformed path for a foreign Host is refused by the guard, which does not repeat it.', async () => {
    const { port, logger } = await start();
    const answer = await ask(port, 'GET /%zz', 'evil.example');
    expect([400, 403]).toContain(answer.status);
    expect(bodyOf(answer)).not.toContain('zz');
    expect(JSON.parse(bodyOf(answer))).toMatchObject({ error: 'host_not_allowed' });
    expect(logger.lines.error).toEqual([]);
  });

  it('A malformed path for the own Host is not repeated either.', async () => {
    const { port } = await start();
    const answer = await ask(port, 'GET /%zz');
    expect([400, 404]).toContain(answer.status);
    expect(bodyOf(answer)).not.toContain('zz');
  });
});

describe('Odd requests without a token to a tessera that is served', () => {
  it('None of them is an internal error.', async () => {
    const metadata = { protectedResource: { authorization_servers: ['https://issuer.example'] } };
    const world = await createWorld(OVER_SOCKET, { auth: {}, metadata });
    for (const target of TARGETS) {
      const { status } = await ask(world.port, target);
      expect(status, target).toBeGreaterThanOrEqual(200);
      expect(status, target).toBeLessThan(500);
    }
    expect(world.events('internalError')).toHaveLength(0);
  });
});
