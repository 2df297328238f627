import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { describe, expect, it } from 'vitest';
import { SharedServer, type SharedServerUser } from '../../src/servers/shared-server.js';
import type { JsonRpcMessage } from '../../src/shared/json-rpc.js';

interface User extends SharedServerUser {
  readonly heard: JsonRpcMessage[];
}

function makeUser(sessionId: string): User {
  const heard: JsonRpcMessage[] = [];
  return {
    sessionId,
    heard,
    deliver: (_link, message) => heard.push(message),
    closed: () => undefined,
    failed: () => undefined,
  };
}

describe('a shared server', () => {
  it('can be used once what kept it from being connected is gone', async () => {
    const server = new McpServer({ name: 'busy', version: '1.0.0' });
    const elsewhere = {
      start: () => Promise.resolve(),
      send: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    await server.connect(elsewhere);
    const shared = SharedServer.of(server);
    await expect(shared.link(makeUser('one'))).rejects.toMatchObject({ code: 'server_already_connected' });
    (elsewhere as { onclose?: () => void }).onclose?.();
    await expect(shared.link(makeUser('two'))).resolves.toHaveProperty('receive');
  });

  it('is one wrapper for one instance, also for its low-level server', () => {
    const server = new McpServer({ name: 'one', version: '1.0.0' });
    expect(SharedServer.of(server)).toBe(SharedServer.of(server.server));
  });

  it('lets every session hear of a withdrawn question whose call is over, and nobody of anything else', async () => {
    const shared = SharedServer.of(new McpServer({ name: 'one', version: '1.0.0' }));
    const [one, two] = [makeUser('one'), makeUser('two')];
    await shared.link(one);
    await shared.link(two);
    const withdrawn = {
      jsonrpc: '2.0',
      method: 'notifications/cancelled',
      params: { requestId: 3 },
    } as const;
    await shared.send(withdrawn, { relatedRequestId: 99 });
    expect([one.heard, two.heard]).toEqual([[withdrawn], [withdrawn]]);
    const progress = { jsonrpc: '2.0', method: 'notifications/progress', params: {} } as const;
    await expect(shared.send(progress, { relatedRequestId: 99 })).rejects.toMatchObject({
      code: 'no_session_for_message',
    });
    expect([one.heard, two.heard]).toEqual([[withdrawn], [withdrawn]]);
  });
});
