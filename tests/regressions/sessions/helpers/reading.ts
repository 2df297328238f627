import type { Answer } from '@tessera-mcp/core';

/** A stream that is being read. */
interface Reading {
  /** All that came so far. */
  readonly text: () => string;
  /** Whether the stream is over. */
  readonly done: () => boolean;
  /** The id of the last event. */
  readonly lastId: () => string;
  /** Goes away, as a client that loses its connection does. */
  readonly cancel: () => Promise<void>;
}

/** Reads the stream of an answer, which it must have. */
export function reading({ status, body }: Answer): Reading {
  if (!(body instanceof ReadableStream)) throw new Error(`No stream: ${String(status)}.`);
  let text = '';
  let done = false;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const read = async (): Promise<void> => {
    for (;;) {
      const { value, done: over } = await reader.read();
      if (over) break;
      text += decoder.decode(value, { stream: true });
    }
  };
  const end = (): void => {
    done = true;
  };
  // A stream that is cut is over as well.
  read().then(end, end);
  return {
    text: () => text,
    done: () => done,
    lastId: () => [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? '',
    cancel: () => reader.cancel(),
  };
}
