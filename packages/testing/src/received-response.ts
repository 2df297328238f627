/**
 * Requests whose answers are not complete, those of each exchange together. The platform does not fire the signal of a
 * request that nobody holds.
 */
const open = new Set<ReadonlySet<Request>>();

/**
 * A response as it comes to a client: it fails when the client aborts, also half-way, and its maker is told when the
 * client has gone away.
 *
 * @param asked the client's request
 * @param gone aborted when the client goes away before it has everything
 * @param respond makes the response; it calls `hold` with a request whose signal must fire until everything has come
 */
export async function receivedResponse(
  asked: Request,
  gone: AbortController,
  respond: (hold: (request: Request) => void) => Response | Promise<Response>,
): Promise<Response> {
  const { signal } = asked;
  const held = new Set([asked]);
  open.add(held);
  const responding = Promise.resolve().then(() => respond((request) => held.add(request)));
  const listening = new AbortController();
  const done = (): void => {
    listening.abort();
    open.delete(held);
  };
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => {
      reject(signal.reason as Error);
      gone.abort(signal.reason);
      done();
    };
    signal.addEventListener('abort', onAbort, { signal: listening.signal });
  });
  aborted.catch(() => undefined);
  try {
    const response = await Promise.race([responding, aborted]);
    const { status, statusText, headers } = response;
    const body = response.body && receivedBody(response.body, { aborted, gone, done });
    if (body === null) done();
    return Object.defineProperty(new Response(body, { status, statusText, headers }), 'url', {
      value: asked.url,
    });
  } catch (error) {
    done();
    // Nobody will read what may still come.
    responding.then((late) => late.body?.cancel()).catch(() => undefined);
    throw error;
  }
}

interface Receiving {
  /** Rejects when the client aborts. */
  readonly aborted: Promise<never>;
  readonly gone: AbortController;
  /** Called when nothing more can come. */
  readonly done: () => void;
}

/** Hands chunks on when they are asked for, none ahead. */
function receivedBody(
  source: ReadableStream<Uint8Array>,
  { aborted, gone, done }: Receiving,
): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  return new ReadableStream<Uint8Array>(
    {
      start: (sink) => {
        aborted.catch((reason: unknown) => {
          sink.error(reason);
          reader.cancel(reason).catch(() => undefined);
        });
      },
      pull: async (sink) => {
        const part = await reader.read().catch((error: unknown) => {
          done();
          throw error;
        });
        if (gone.signal.aborted) return;
        if (!part.done) {
          sink.enqueue(part.value);
          return;
        }
        done();
        sink.close();
      },
      cancel: async (reason) => {
        done();
        gone.abort(reason);
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
