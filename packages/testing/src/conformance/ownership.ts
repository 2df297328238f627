import { memorySessionStore } from '@tessera-mcp/core';
import { expect } from 'vitest';
import { defineSuite, type Check, type Suite } from './check.js';
import { exchangeRawHttp1 } from './client/raw-http1.js';
import { POST_HEADERS } from './fixtures/mcp-session.js';
import { ATTEMPTS, type Attempt } from './ownership/attempts.js';
import { keptSessionChecks } from './ownership/kept-session-checks.js';
import { Owner } from './ownership/owner.js';
import { strangersChecks, type OwnershipCheck } from './ownership/ownership-checks.js';
import { OwnershipWorld, TOKENS } from './ownership/ownership-world.js';
import { replayChecks } from './ownership/replay-checks.js';
import { unknownId } from './ownership/session-ids.js';
import { tokenChecks } from './ownership/token-checks.js';

/** What must hold of who may use a session, wherever its requests come in. */
export const OWNERSHIP_CHECKS: readonly OwnershipCheck[] = [
  ...strangersChecks,
  ...tokenChecks,
  ...replayChecks,
];

function throughAdapter({ name, users, run }: OwnershipCheck): Check {
  return {
    name,
    run: async (bench) => {
      const world = new OwnershipWorld(users === undefined ? {} : { users });
      bench.later(() => world.tessera.close());
      const { client } = await bench.mount(world.tessera);
      await run({ world, client, seesDuplicates: bench.capabilities.duplicateHeaders });
    },
  };
}

const kept: readonly Check[] = keptSessionChecks.map(({ name, run }) => ({
  name,
  run: async (bench) => {
    const store = memorySessionStore();
    const world = new OwnershipWorld({ store });
    bench.later(() => world.tessera.close());
    const { client } = await bench.mount(world.tessera);
    await run({ world, client, store });
  },
}));

const onTheWire: Check = {
  name: 'The answer about a foreign session has the bytes of that about an unknown one, from first to last.',
  needs: ['http1'],
  run: async (bench) => {
    const world = new OwnershipWorld();
    bench.later(() => world.tessera.close());
    const { client, origin } = await bench.mount(world.tessera);
    const owner = await Owner.open(client, world, TOKENS.acme);
    for (const attempt of ATTEMPTS) {
      const answers: string[] = [];
      for (const sessionId of [owner.id, unknownId(owner.id)]) {
        const answer = await exchangeRawHttp1(origin, rawRequest(attempt, { origin, sessionId }));
        answers.push(answer.replace(/^date: .*\r\n/im, ''));
      }
      expect(answers[0], attempt.name).toMatch(/^HTTP\/1\.1 404 /);
      expect(answers[1], attempt.name).toBe(answers[0]);
    }
    await owner.expectUnharmed();
  },
};

function rawRequest(
  { method, headers = {}, body = '' }: Attempt,
  { origin, sessionId }: { readonly origin: string; readonly sessionId: string },
): string {
  const lines = Object.entries({
    host: new URL(origin).host,
    ...POST_HEADERS,
    ...headers,
    authorization: `Bearer ${TOKENS.globex}`,
    'mcp-session-id': sessionId,
    ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    connection: 'close',
  });
  const head = lines.map(([name, value]) => `${name}: ${[value].flat().join(', ')}\r\n`).join('');
  return `${method} /mcp HTTP/1.1\r\n${head}\r\n${body}`;
}

export const ownership: Suite = defineSuite('Whose session it is', [
  ...OWNERSHIP_CHECKS.map(throughAdapter),
  ...kept,
  onTheWire,
]);
