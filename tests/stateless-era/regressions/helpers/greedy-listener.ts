import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';

import { Listening, post, tesseraWith, tokenOf } from './play.js';

// One tenant has as many listen streams open as all may have together; then another tenant wants one. Prints its status.
const tessera = tesseraWith({ limits: { totalStreams: 2 } });
for (const id of ['greedy', 'modest']) {
  tessera.addTenant({
    id,
    tokens: [tokenOf(id)],
    server: () => {
      const server = new McpServer({ name: id, version: '1' });
      server.registerTool('who', {}, () => ({ content: [] }));
      return server;
    },
  });
}
const listen = (id: string): Promise<Response> => {
  const params = { notifications: { toolsListChanged: true } };
  return post(tessera, { token: tokenOf(id), method: 'subscriptions/listen', params });
};
for (let stream = 0; stream < 2; stream += 1) new Listening(await listen('greedy'));
const { status } = await listen('modest');
process.stdout.write(String(status));
process.exit(0);
