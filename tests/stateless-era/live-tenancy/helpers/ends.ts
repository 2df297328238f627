import { expect } from 'vitest';
import type { Id } from '../../../session-era/helpers/messages.js';
import type { EventReader } from '../../../session-era/helpers/streams.js';

/** Expects that a listen stream was ended by the server on purpose: its last message is the result of the request. */
export async function expectGracefulEnd(stream: EventReader, id: Id): Promise<void> {
  await stream.untilEnd();
  expect(stream.failure).toBeUndefined();
  const answers = stream.messages.filter((message) => message.method === undefined);
  expect(answers).toEqual([stream.messages.at(-1)]);
  expect(answers).toMatchObject([{ jsonrpc: '2.0', id, result: { resultType: 'complete' } }]);
}
