import { describe, expect, it } from 'vitest';
import { MessageQueue } from '../../../src/sessions/streams/message-queue.js';

const note = (method: string, text = ''): { jsonrpc: '2.0'; method: string; params: { text: string } } => ({
  jsonrpc: '2.0',
  method,
  params: { text },
});

function methodsOf(queue: MessageQueue): string[] {
  return queue.takeAll().map((json) => (JSON.parse(json) as { method: string }).method);
}

describe('MessageQueue', () => {
  it('keeps the newest 32 messages', () => {
    const queue = new MessageQueue(1_000_000, 32);
    for (let index = 0; index < 40; index += 1) queue.add(note(`n${String(index)}`));
    const methods = methodsOf(queue);
    expect(methods).toHaveLength(32);
    expect([methods[0], methods.at(-1)]).toEqual(['n8', 'n39']);
    expect(methodsOf(queue)).toEqual([]);
  });

  it('keeps no more than it may hold, and nothing of a message that is larger by itself', () => {
    const queue = new MessageQueue(1000, 32);
    queue.add(note('first', 'x'.repeat(600)));
    queue.add(note('second', 'x'.repeat(600)));
    expect(methodsOf(queue)).toEqual(['second']);
    queue.add(note('huge', 'x'.repeat(2000)));
    expect(methodsOf(queue)).toEqual([]);
    queue.add(note('small'));
    expect(methodsOf(queue)).toEqual(['small']);
  });

  it('says once that a list has changed', () => {
    const queue = new MessageQueue(1000, 32);
    queue.add(note('notifications/tools/list_changed'));
    queue.add(note('notifications/prompts/list_changed'));
    queue.add(note('notifications/tools/list_changed'));
    expect(methodsOf(queue)).toEqual([
      'notifications/tools/list_changed',
      'notifications/prompts/list_changed',
    ]);
  });

  it('gives a question back that nobody has seen', () => {
    const queue = new MessageQueue(1000, 32);
    queue.add({ jsonrpc: '2.0', id: 1, method: 'roots/list' });
    queue.add({ jsonrpc: '2.0', id: 2, method: 'roots/list' });
    queue.remove(1);
    expect(queue.takeAll()).toEqual(['{"jsonrpc":"2.0","id":2,"method":"roots/list"}']);
  });
});
