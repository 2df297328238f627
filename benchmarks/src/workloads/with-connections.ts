import { openConnections } from '../load/closed-loop.js';
import type { Connection } from '../load/connection.js';

/** Opens connections for a while. Servers close those that nobody uses for five seconds, so they are not kept for later. */
export async function withConnections<Value>(
  port: number,
  count: number,
  use: (connections: readonly Connection[]) => Promise<Value>,
): Promise<Value> {
  const connections = await openConnections(port, count);
  try {
    return await use(connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** How often something is done, and on how many connections. */
export interface Times {
  readonly times: number;
  readonly connections: number;
}

/** Does something a number of times, on whichever connection is free. */
export function onConnections<Value>(
  port: number,
  { times, connections }: Times,
  work: (connection: Connection, index: number) => Promise<Value>,
): Promise<Value[]> {
  return withConnections(port, Math.min(connections, times), async (opened) => {
    const values: Value[] = [];
    let begun = 0;
    await Promise.all(
      opened.map(async (connection) => {
        while (begun < times) {
          begun += 1;
          values.push(await work(connection, begun - 1));
        }
      }),
    );
    return values;
  });
}
