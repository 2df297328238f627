import { coreError } from '../errors/core-error.js';

/** @throws `invalid_factory` */
export function checkFactory(factory: unknown): void {
  if (typeof factory === 'function') return;
  throw coreError(
    'invalid_factory',
    'The server factory must be a function that returns a new MCP server: write () => createServer(), not createServer().',
  );
}
