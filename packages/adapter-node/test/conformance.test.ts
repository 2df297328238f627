import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { describeAdapter, listening } from '@tessera-mcp/testing/conformance';
import { toNodeHandler, type NodeIncoming, type NodeOutgoing } from '../src/index.js';

type Listener = (incoming: NodeIncoming, outgoing: NodeOutgoing) => void;

const servers = {
  http1: (listener: Listener) => createServer(listener),
  http2: (listener: Listener) => createHttp2Server(listener),
};

for (const protocol of ['http1', 'http2'] as const) {
  describeAdapter({
    name: `Node, ${protocol}`,
    capabilities: { protocol, besides: false, parsedBodies: false, documentsAtRoot: true },
    mount: (mountable, { prefix }) => {
      const handler = toNodeHandler(mountable);
      const server = servers[protocol]((incoming, outgoing) => void handler(incoming, outgoing, { prefix }));
      return listening(server, mountable);
    },
  });
}
