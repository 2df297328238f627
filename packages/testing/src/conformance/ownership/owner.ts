import { expect } from 'vitest';
import type { Reply } from '../client/reply.js';
import { McpSession, textResult, toolCall, type Sender } from '../fixtures/mcp-session.js';
import { until } from '../waiting.js';
import { HELD_CALL } from './attempts.js';
import type { OwnershipWorld } from './ownership-world.js';

/** A session in use, which others try to reach: it has an open GET stream and a call in flight. */
export class Owner {
  readonly session: McpSession;
  readonly #stream: Reply;

  private constructor(session: McpSession, stream: Reply) {
    this.session = session;
    this.#stream = stream;
  }

  static async open(client: Sender, world: OwnershipWorld, token: string): Promise<Owner> {
    const session = await McpSession.open(client, '/mcp', token);
    const stream = await session.listen();
    expect(stream.status).toBe(200);
    const { callsInFlight } = world.tessera.getStats();
    // Nobody waits for its answer: it ends with the check.
    session.post(toolCall(HELD_CALL, 'hold')).catch(() => undefined);
    await until(() => world.tessera.getStats().callsInFlight > callsInFlight, 'The call');
    return new Owner(session, stream);
  }

  get id(): string {
    return this.session.id;
  }

  /** Expects that the session goes on, and that nothing came on its stream which was not for it. */
  async expectUnharmed(): Promise<void> {
    const said = 'for the owner only';
    const announced = await this.session.post(toolCall(6, 'announce', said));
    expect(await announced.json()).toEqual(textResult(6, said));
    const messages = messagesIn(await this.#stream.textTo(said));
    expect(messages, 'the stream of the owner').toMatchObject([
      { method: 'notifications/message', params: { data: said } },
    ]);
  }
}

/** The messages of an event stream as far as it has come. An event without data is none. */
export function messagesIn(text: string): unknown[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trim())
    .filter((data) => data !== '')
    .map((data): unknown => JSON.parse(data));
}
