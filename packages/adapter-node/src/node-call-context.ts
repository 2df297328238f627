import { AsyncLocalStorage } from 'node:async_hooks';
import type { CallContext } from '@tessera-mcp/core';

/** Knows, anywhere in the asynchronous code of a handler, which call it is running for. */
export function nodeCallContext(): CallContext {
  const storage = new AsyncLocalStorage<unknown>();
  return {
    run: (call, action) => {
      storage.run(call, action);
    },
    current: () => storage.getStore(),
  };
}
