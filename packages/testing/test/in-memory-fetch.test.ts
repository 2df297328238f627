import { createTessera, TesseraError, type RequestContext } from '@tessera-mcp/core';
import { describe, expect, it, vi } from 'vitest';
import { collectGarbage, pause } from '../src/conformance/waiting.js';
import { inMemoryFetch, TEST_URL } from '../src/index.js';

/** Remembers what it was asked. */
function recorder(answer: () => Response = () => new Response('ok')): {
  readonly requests: Request[];
  readonly contexts: RequestContext[];
  fetch(request: Request, context?: RequestContext): Response;
} {
  const requests: Request[] = [];
  const contexts: RequestContext[] = [];
  return {
    requests,
    contexts,
    fetch: (request, context = {}) => {
      requests.push(request);
      contexts.push(context);
      return answer();
    },
  };
}

const JSON_POST = { method: 'POST', headers: { 'content-type': 'application/json' } };

describe('inMemoryFetch', () => {
  it('Hands over method, address, headers and body, and gives back the answer.', async () => {
    const target = recorder(
      () => new Response('made', { status: 201, statusText: 'Made', headers: { 'x-own': '1' } }),
    );
    const response = await inMemoryFetch(target)('http://localhost/a?b=c', {
      method: 'PUT',
      headers: { 'x-sent': 'yes' },
      body: 'text',
    });
    expect([response.status, response.statusText, response.url]).toEqual([
      201,
      'Made',
      'http://localhost/a?b=c',
    ]);
    expect([response.headers.get('x-own'), await response.text()]).toEqual(['1', 'made']);
    const [request] = target.requests;
    expect([request?.method, request?.url]).toEqual(['PUT', 'http://localhost/a?b=c']);
    expect([request?.headers.get('x-sent'), await request?.text()]).toEqual(['yes', 'text']);
  });

  it('Takes a Request in the place of an address.', async () => {
    const target = recorder();
    await inMemoryFetch(target)(new Request(TEST_URL, { method: 'POST', body: 'text' }));
    expect(await target.requests[0]?.text()).toBe('text');
  });

  it('Sends the token, unless the request has an Authorization header.', async () => {
    const target = recorder();
    const fetch = inMemoryFetch(target, { token: 'secret' });
    await fetch(TEST_URL);
    await fetch(new URL(TEST_URL), { headers: { authorization: 'Basic xyz' } });
    expect(target.requests.map(({ headers }) => headers.get('authorization'))).toEqual([
      'Bearer secret',
      'Basic xyz',
    ]);
  });

  it('Hands over the context it was given.', async () => {
    const target = recorder();
    await inMemoryFetch(target, { prefix: '/api', loopbackBind: true })(TEST_URL);
    expect(target.contexts).toEqual([{ prefix: '/api', loopbackBind: true }]);
  });

  it('Parses JSON as a framework would: what was parsed is in the context, and the body cannot be read again.', async () => {
    const target = recorder();
    await inMemoryFetch(target, { parseBodies: true })(TEST_URL, { ...JSON_POST, body: '{"a":[-0,1e400]}' });
    expect(target.contexts).toEqual([{ parsedBody: { a: [-0, Infinity] } }]);
    const error: unknown = await target.requests[0]?.text().catch((thrown: unknown) => thrown);
    expect(TesseraError.isInstance(error) && error.code).toBe('body_already_read');
  });

  it('Leaves other bodies alone.', async () => {
    const target = recorder();
    const fetch = inMemoryFetch(target, { parseBodies: true });
    await fetch(TEST_URL, { ...JSON_POST, body: '{"a":' });
    await fetch(TEST_URL, { method: 'POST', body: '{}' });
    await fetch(TEST_URL, JSON_POST);
    expect(target.contexts).toEqual([{}, {}, {}]);
    const bodies = await Promise.all(target.requests.map((request) => request.text()));
    expect(bodies).toEqual(['{"a":', '{}', '']);
  });

  it('Rejects with what the target throws.', async () => {
    const fetch = inMemoryFetch({
      fetch: () => {
        throw new Error('broken');
      },
    });
    await expect(fetch(TEST_URL)).rejects.toThrow('broken');
  });

  it('Serves a tessera at the test address.', async () => {
    const tessera = createTessera();
    const response = await inMemoryFetch(tessera)(TEST_URL, { method: 'POST' });
    expect(response.status).toBe(401);
    await tessera.close();
  });
});

describe('Aborting a request of inMemoryFetch', () => {
  it('Asks nothing of the target when it was aborted before.', async () => {
    const target = recorder();
    const asked = inMemoryFetch(target)(TEST_URL, { signal: AbortSignal.abort(new Error('never mind')) });
    await expect(asked).rejects.toThrow('never mind');
    expect(target.requests).toEqual([]);
  });

  it.each([
    ['a body', '{"a":1}'],
    ['a body that never ends', new ReadableStream<Uint8Array>()],
    ['no body', null],
  ])(
    'Rejects at once right after the call, also with %s to parse and a target that never answers.',
    async (_what, body) => {
      const asked: Request[] = [];
      const fetch = inMemoryFetch(
        {
          fetch: (request) => {
            asked.push(request);
            return new Promise(() => undefined);
          },
        },
        { parseBodies: true },
      );
      const controller = new AbortController();
      const init = { ...JSON_POST, body, duplex: 'half', signal: controller.signal };
      const answer = fetch(TEST_URL, init);
      controller.abort(new Error('never mind'));
      await expect(answer).rejects.toThrow('never mind');
      await pause(10);
      expect(asked).toEqual([]);
    },
  );

  it('Rejects also while the body is still to be parsed.', async () => {
    const target = recorder();
    const controller = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start: (sink) => {
        sink.enqueue(new TextEncoder().encode('{"a":'));
      },
    });
    const init = { ...JSON_POST, body, duplex: 'half', signal: controller.signal };
    const answer = inMemoryFetch(target, { parseBodies: true })(TEST_URL, init);
    await pause(10);
    controller.abort(new Error('never mind'));
    await expect(answer).rejects.toThrow('never mind');
    expect(target.requests).toEqual([]);
  });

  it("Rejects at once, fires the signal of the target's request, and gives up an answer that comes too late.", async () => {
    let answer: (response: Response) => void = () => undefined;
    let cancelled: unknown;
    const signals: AbortSignal[] = [];
    const fetch = inMemoryFetch({
      fetch: (request) => {
        signals.push(request.signal);
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    });
    const controller = new AbortController();
    const asked = fetch(TEST_URL, { signal: controller.signal });
    await vi.waitFor(() => {
      expect(signals).toHaveLength(1);
    });
    controller.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    expect(signals[0]?.aborted).toBe(true);
    answer(
      new Response(
        new ReadableStream({
          cancel: () => {
            cancelled = true;
          },
        }),
      ),
    );
    await vi.waitFor(() => {
      expect(cancelled).toBe(true);
    });
  });

  it('Fails the body that is being read, ends its source and fires the signal.', async () => {
    let cancelled: unknown;
    const target = recorder(
      () =>
        new Response(
          new ReadableStream({
            start: (sink) => {
              sink.enqueue(new TextEncoder().encode('first'));
            },
            cancel: (reason) => {
              cancelled = reason;
            },
          }),
        ),
    );
    const controller = new AbortController();
    const response = await inMemoryFetch(target)(TEST_URL, { signal: controller.signal });
    const reader = response.body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('first');
    const next = reader?.read();
    controller.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    expect(cancelled).toEqual(new Error('enough'));
    expect(target.requests[0]?.signal.aborted).toBe(true);
  });

  it.each(['before the answer', 'half-way'])(
    'Is told also when nobody holds the requests: %s.',
    async (when) => {
      let fired = false;
      const controller = new AbortController();
      const fetch = inMemoryFetch({
        fetch: ({ signal }) => {
          signal.addEventListener('abort', () => {
            fired = true;
          });
          return when === 'half-way' ? new Response(new ReadableStream()) : new Promise(() => undefined);
        },
      });
      const text = fetch(TEST_URL, { signal: controller.signal }).then((response) => response.text());
      text.catch(() => undefined);
      for (let round = 1; round <= 3; round += 1) {
        await pause(10);
        collectGarbage();
      }
      controller.abort(new Error('enough'));
      await expect(text).rejects.toThrow('enough');
      expect(fired).toBe(true);
    },
  );

  it('A client that gives up the body ends its source and fires the signal.', async () => {
    let cancelled = false;
    const target = recorder(
      () =>
        new Response(
          new ReadableStream({
            cancel: () => {
              cancelled = true;
            },
          }),
        ),
    );
    const response = await inMemoryFetch(target)(TEST_URL);
    await response.body?.cancel();
    expect([cancelled, target.requests[0]?.signal.aborted]).toEqual([true, true]);
  });

  it('An answer that has arrived is not aborted any more.', async () => {
    const target = recorder();
    const controller = new AbortController();
    const fetch = inMemoryFetch(target);
    const response = await fetch(TEST_URL, { signal: controller.signal });
    expect(await response.text()).toBe('ok');
    controller.abort();
    expect(target.requests[0]?.signal.aborted).toBe(false);
  });
});

describe('The body of an answer of inMemoryFetch', () => {
  it('Arrives chunk by chunk, and nothing is asked for before it is read.', async () => {
    let pulled = 0;
    const target = recorder(
      () =>
        new Response(
          new ReadableStream<Uint8Array>(
            {
              pull: (sink) => {
                pulled += 1;
                if (pulled === 3) sink.close();
                else sink.enqueue(Uint8Array.of(pulled));
              },
            },
            { highWaterMark: 0 },
          ),
        ),
    );
    const response = await inMemoryFetch(target)(TEST_URL);
    expect(pulled).toBe(0);
    const reader = response.body?.getReader();
    expect((await reader?.read())?.value).toEqual(Uint8Array.of(1));
    expect(pulled).toBe(1);
    expect((await reader?.read())?.value).toEqual(Uint8Array.of(2));
    expect((await reader?.read())?.done).toBe(true);
  });

  it('Fails as its source does.', async () => {
    const target = recorder(
      () =>
        new Response(
          new ReadableStream({
            pull: () => {
              throw new Error('half-way');
            },
          }),
        ),
    );
    const response = await inMemoryFetch(target)(TEST_URL);
    await expect(response.text()).rejects.toThrow('half-way');
  });
});
