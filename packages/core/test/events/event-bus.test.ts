import { describe, expect, it } from 'vitest';
import { EventBus } from '../../src/events/event-bus.js';
import { settle } from '../helpers/fake-platform.js';

interface Events {
  ping: [count: number];
  done: [];
}

function makeBus(): { bus: EventBus<Events>; failures: string[] } {
  const failures: string[] = [];
  const bus = new EventBus<Events>(['ping', 'done'], (event, error) => {
    failures.push(`${event}: ${error.message}`);
  });
  return { bus, failures };
}

describe('EventBus', () => {
  it('calls listeners in the order they were added, with what was emitted', () => {
    const { bus } = makeBus();
    const calls: string[] = [];
    bus.on('ping', (count) => calls.push(`first ${String(count)}`));
    bus.on('ping', (count) => calls.push(`second ${String(count)}`));
    bus.emit('ping', 3);
    expect(calls).toEqual(['first 3', 'second 3']);
  });

  it('isolates a listener that throws or rejects, and reports it', async () => {
    const { bus, failures } = makeBus();
    let reached = false;
    bus.on('ping', () => {
      throw new Error('thrown');
    });
    bus.on('ping', () => Promise.reject(new Error('rejected')));
    bus.on('ping', () => {
      reached = true;
    });
    expect(() => {
      bus.emit('ping', 1);
    }).not.toThrow();
    expect(reached).toBe(true);
    await settle();
    expect(failures).toEqual(['ping: thrown', 'ping: rejected']);
  });

  it('calls a once listener once, also when it emits again', () => {
    const { bus } = makeBus();
    let calls = 0;
    bus.once('ping', () => {
      calls += 1;
      bus.emit('ping', 2);
    });
    bus.emit('ping', 1);
    expect(calls).toBe(1);
    expect(bus.has('ping')).toBe(false);
  });

  it('takes listeners away: those of on, those of once, and one at a time', () => {
    const { bus } = makeBus();
    let calls = 0;
    const listener = (): void => {
      calls += 1;
    };
    bus.on('ping', listener);
    bus.on('ping', listener);
    bus.once('done', listener);
    bus.off('ping', listener);
    bus.off('done', listener);
    bus.emit('ping', 1);
    bus.emit('done');
    expect(calls).toBe(1);
    bus.clear();
    bus.emit('ping', 1);
    expect(calls).toBe(1);
    expect(bus.count('ping')).toBe(0);
  });

  it('refuses an unknown name and lists the known ones', () => {
    const { bus } = makeBus();
    expect(() => {
      bus.on('pong' as 'ping', () => undefined);
    }).toThrow(/unknown_event/);
    expect(() => {
      bus.on('pong' as 'ping', () => undefined);
    }).toThrow(/ping, done/);
    expect(() => {
      bus.on('ping', 'no function' as never);
    }).toThrow(/must be a function/);
  });
});
