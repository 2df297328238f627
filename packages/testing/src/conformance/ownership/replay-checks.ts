import { expect } from 'vitest';
import { McpSession, toolCall } from '../fixtures/mcp-session.js';
import { until } from '../waiting.js';
import { requestOf } from './attempts.js';
import { messagesIn } from './owner.js';
import type { OwnershipCheck, OwnershipPlace } from './ownership-checks.js';
import { TOKENS } from './ownership-world.js';

/** Has a session hear something, and gives the id its stream had for it; without ids, one that could be one. */
async function lastEventId(place: OwnershipPlace, session: McpSession, said: string): Promise<string> {
  const stream = await session.listen();
  await (await session.post(toolCall(3, 'announce', said))).bytes();
  const text = await stream.textTo(said);
  stream.abort();
  await until(() => place.world.tessera.getStats().openStreams === 0, 'The end of the stream');
  const ids = [...text.matchAll(/^id: ?(.+)$/gm)].map(([, id]) => id);
  return ids.at(-1) ?? '1_1_AAAAAAAAAAAAAAAA';
}

/** Event ids that are not a session's own, by what they are. */
async function strangeIds(place: OwnershipPlace, session: McpSession): Promise<Record<string, string>> {
  const foreign = await McpSession.open(place.client, '/mcp', TOKENS.globex);
  const sibling = await McpSession.open(place.client, '/mcp', TOKENS.sibling);
  const another = await McpSession.open(place.client, '/mcp', TOKENS.acme);
  const own = await lastEventId(place, session, 'told before');
  return {
    "another tenant's": await lastEventId(place, foreign, 'told to another tenant'),
    "another token's": await lastEventId(place, sibling, 'told to another token'),
    "that of another session of one's own": await lastEventId(place, another, 'told to another session'),
    'one that was cut off': own.slice(0, -1),
    'a half': own.slice(0, own.length / 2),
    'one with a character more': `${own}0`,
    'one with another beginning': `A${own.slice(1)}`,
    'one with another end': own.slice(0, -1) + (own.endsWith('A') ? 'B' : 'A'),
    'one in upper case': own.toUpperCase() === own ? `${own}A` : own.toUpperCase(),
    'a session id': session.id,
    'a session id of somebody else': foreign.id,
    'a number below all': '-1',
    'a number above all': '99999999999999999999999999',
    'no number': 'NaN',
    'the name of a property': '__proto__',
    'a path': '../../etc/passwd',
    'two of them': `${own}, ${own}`,
    nothing: '',
    'very many characters': 'x'.repeat(4000),
  };
}

const strange: OwnershipCheck = {
  name: 'A Last-Event-ID that is not of the session opens a fresh stream on which nothing is told again.',
  run: async (place) => {
    const { client, world } = place;
    const session = await McpSession.open(client, '/mcp', TOKENS.acme);
    const ids = await strangeIds(place, session);
    for (const [what, id] of Object.entries(ids)) {
      const get = { name: what, method: 'GET', headers: { 'last-event-id': id } } as const;
      const stream = await client.send(requestOf(get, { token: TOKENS.acme, sessionId: session.id }));
      expect(stream.status, what).toBe(200);
      expect(stream.header('content-type'), what).toBe('text/event-stream');
      const said = `told after ${what}`;
      await (await session.post(toolCall(4, 'announce', said))).bytes();
      expect(messagesIn(await stream.textTo(said)), what).toMatchObject([{ params: { data: said } }]);
      stream.abort();
      await until(() => world.tessera.getStats().openStreams === 0, 'The end of the stream');
    }
    expect(world.told.map(({ name }) => name)).not.toContain('sessionRefused');
  },
};

/** What a client may not have told again. */
export const replayChecks: readonly OwnershipCheck[] = [strange];
