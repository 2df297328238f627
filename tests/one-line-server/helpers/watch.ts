import { TesseraError, type PerBearerEvents } from '@tessera-mcp/core';
import type { PerBearerMcpServer } from '@tessera-mcp/node';

/** The arguments of every event of a name, as they come. */
export function collect<Name extends keyof PerBearerEvents>(
  server: PerBearerMcpServer,
  name: Name,
): PerBearerEvents[Name][] {
  const seen: PerBearerEvents[Name][] = [];
  server.on(name, (...args) => {
    seen.push(args);
  });
  return seen;
}

/** A promise and the function that resolves it. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    opened,
    open: () => {
      open();
    },
  };
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** What `act` throws, which must be an error of the project. */
export function thrownBy(act: () => unknown): TesseraError {
  try {
    act();
  } catch (error) {
    return ours(error);
  }
  throw new Error('Nothing was thrown.');
}

/** What `promise` rejects with, which must be an error of the project. */
export async function rejectionOf(promise: Promise<unknown>): Promise<TesseraError> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return ours(error);
  }
  throw new Error(`It resolved with ${JSON.stringify(value)}.`);
}

function ours(error: unknown): TesseraError {
  if (error instanceof TesseraError) return error;
  throw new Error(`Not an error of the project: ${String(error)}`);
}
