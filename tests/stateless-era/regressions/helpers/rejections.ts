import { pause } from '../../../one-line-server/helpers/watch.js';

/** What is rejected, and handled by nobody, because of something: Node ends the process for it. */
export async function unhandledRejectionsDuring(act: () => Promise<unknown>): Promise<unknown[]> {
  const rejected: unknown[] = [];
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (thrown) => rejected.push(thrown));
  try {
    await act();
    await pause(100);
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  }
  return rejected;
}
