import { beforeEach, describe, expect, it } from 'vitest';
import { SseConnection } from '../../src/shared/sse-connection.js';
import { settle } from '../helpers/fake-platform.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

let gone: string[];
/** Bytes that wait, as they were told. */
let queued: number;
/** How many bytes may wait in all; what goes over it is refused. */
let room: number;

beforeEach(() => {
  gone = [];
  queued = 0;
  room = Infinity;
});

function connect(queuedBytes = 100): SseConnection {
  const onQueued = (bytes: number): boolean => {
    if (queued + bytes > room) return false;
    queued += bytes;
    return true;
  };
  return new SseConnection(
    { queuedBytes, onQueued },
    (how) => gone.push(how),
    () => undefined,
  );
}

const bytes = (text: string): Uint8Array => encoder.encode(text);

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function next(reader: Reader): Promise<string | undefined> {
  const { value } = await reader.read();
  return value === undefined ? undefined : decoder.decode(value);
}

/** What a sink was given, as texts, and how it ended. */
function sinkOf(said: string[]): Parameters<SseConnection['body']['connect']>[0] {
  return {
    write: (given) => said.push(decoder.decode(given)) > 0,
    end: () => said.push('(end)'),
    fail: ({ name }) => said.push(`(failed: ${name})`),
  };
}

describe('SseConnection', () => {
  it('gives a reader what was written, in order, whether it waits or comes later', async () => {
    const connection = connect();
    const reader = connection.body.getReader();
    const waiting = next(reader);
    await settle();
    expect(connection.write(bytes('one'))).toBe(true);
    expect(await waiting).toBe('one');
    connection.write(bytes('two'));
    connection.write(bytes('three'));
    expect(await next(reader)).toBe('two');
    expect(await next(reader)).toBe('three');
    expect(gone).toEqual([]);
    expect(connection.open).toBe(true);
  });

  it('tells how much waits, and that nothing does when it was read', async () => {
    const connection = connect();
    connection.write(bytes('12345'));
    connection.write(bytes('678'));
    expect(queued).toBe(8);
    const reader = connection.body.getReader();
    await next(reader);
    await settle();
    expect(queued).toBeLessThanOrEqual(3);
    await next(reader);
    expect(queued).toBe(0);
  });

  it('is cut when more would wait than may, to the byte', async () => {
    const connection = connect(10);
    expect(connection.write(bytes('12345'))).toBe(true);
    expect(connection.write(bytes('67890'))).toBe(true);
    expect(gone).toEqual([]);
    expect(connection.write(bytes('1'))).toBe(false);
    expect(gone).toEqual(['overflow']);
    expect(connection.open).toBe(false);
    expect(queued).toBe(0);
    await expect(connection.body.getReader().read()).rejects.toThrow('too slowly');
  });

  it('is cut when all connections together have too much waiting', () => {
    room = 7;
    const connection = connect(100);
    expect(connection.write(bytes('12345'))).toBe(true);
    expect(connection.write(bytes('678'))).toBe(false);
    expect(gone).toEqual(['overflow']);
    expect(queued).toBe(0);
  });

  it('takes one message of any size when nothing waits before it, and none after it', () => {
    const connection = connect(10);
    expect(connection.write(bytes('x'.repeat(1000)))).toBe(true);
    expect(gone).toEqual([]);
    expect(connection.write(bytes('y'))).toBe(false);
    expect(gone).toEqual(['overflow']);
  });

  it('is cut by keep-alive comments alone when nobody reads', () => {
    const connection = connect(100);
    for (let count = 0; count < 20 && connection.open; count += 1) connection.keepAlive();
    expect(gone).toEqual(['overflow']);
  });

  it('writes comments that carry no event', async () => {
    const connection = connect();
    connection.keepAlive();
    expect(await next(connection.body.getReader())).toMatch(/^:[^\n]*\n\n$/);
  });

  it('lets through what has waited elsewhere, also when it is more than may wait', async () => {
    const connection = connect(5);
    connection.writeFirst(bytes('12345'));
    connection.writeFirst(bytes('67890'));
    expect(gone).toEqual([]);
    const reader = connection.body.getReader();
    expect(await next(reader)).toBe('12345');
    expect(await next(reader)).toBe('67890');
    expect(queued).toBe(0);
  });

  it('is cut when there is no room for what has waited elsewhere', () => {
    room = 7;
    const connection = connect();
    connection.writeFirst(bytes('12345'));
    connection.writeFirst(bytes('678'));
    expect(gone).toEqual(['overflow']);
  });

  it('gives what waits before it ends, and then ends in order', async () => {
    const connection = connect();
    connection.write(bytes('one'));
    connection.write(bytes('two'));
    connection.close();
    expect(gone).toEqual(['closed']);
    expect(queued).toBe(6);
    expect(connection.write(bytes('late'))).toBe(false);
    connection.writeFirst(bytes('late'));
    const reader = connection.body.getReader();
    expect(await next(reader)).toBe('one');
    expect(await next(reader)).toBe('two');
    expect(await reader.read()).toEqual({ value: undefined, done: true });
    expect(queued).toBe(0);
  });

  it('ends at once for a reader that waits', async () => {
    const connection = connect();
    const reader = connection.body.getReader();
    const waiting = reader.read();
    await settle();
    connection.close();
    expect((await waiting).done).toBe(true);
  });

  it('is over when its reader goes away, and lets go of what waited', async () => {
    const connection = connect();
    connection.write(bytes('one'));
    await connection.body.cancel();
    expect(gone).toEqual(['cancelled']);
    expect(connection.open).toBe(false);
    expect(queued).toBe(0);
    expect(connection.write(bytes('late'))).toBe(false);
    connection.keepAlive();
    expect(queued).toBe(0);
  });

  it('tells once that it is over, whatever comes after', async () => {
    const connection = connect(10);
    connection.write(bytes('1234567890'));
    connection.write(bytes('1'));
    connection.close();
    connection.write(bytes('2'));
    await connection.body.cancel().catch(() => undefined);
    expect(gone).toEqual(['overflow']);
    expect(queued).toBe(0);
  });

  it('can be closed and then left, and is told of once', async () => {
    const connection = connect();
    connection.write(bytes('one'));
    connection.close();
    await connection.body.cancel();
    expect(gone).toEqual(['closed']);
    expect(queued).toBe(0);
  });

  it.each([
    {
      what: 'was closed',
      end: (one: SseConnection) => {
        one.close();
      },
      expected: ['(end)'],
    },
    {
      what: 'was cut',
      end: (one: SseConnection) => {
        one.cut();
      },
      expected: ['(failed: TesseraError)'],
    },
    {
      what: 'was closed with something in it',
      end: (one: SseConnection) => {
        one.write(bytes('last'));
        one.close();
      },
      expected: ['last', '(end)'],
    },
    {
      what: 'got more than may wait',
      end: (one: SseConnection) => {
        one.write(bytes('x'.repeat(60)));
        one.write(bytes('y'.repeat(60)));
      },
      expected: ['(failed: TesseraError)'],
    },
  ])('ends whoever writes it for itself also when it $what before that', ({ end, expected }) => {
    const connection = connect();
    end(connection);
    const said: string[] = [];
    const source = connection.body.connect(sinkOf(said));
    source.drained();
    source.cancel();
    expect(said).toEqual(expected);
    expect(connection.open).toBe(false);
    expect(queued).toBe(0);
    expect(gone.length).toBe(1);
  });
});
