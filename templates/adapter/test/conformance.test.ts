import { createServer } from 'node:http';
import { describeAdapter, listening } from '@tessera-mcp/testing/conformance';
import { toTemplateHandler } from '../src/index.js';

describeAdapter({
  name: 'Template',
  // Remove each of these as soon as the adapter can do it.
  capabilities: { besides: false, parsedBodies: false, documentsAtRoot: true },
  mount: (mountable, { prefix }) => {
    const handler = toTemplateHandler(mountable, { prefix });
    const app = createServer((request, response) => void handler(request, response));
    return listening(app, mountable);
  },
});
