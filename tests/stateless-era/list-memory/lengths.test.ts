import { McpServer } from '@modelcontextprotocol/server';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { post, tesseraWith, tokenOf } from '../regressions/helpers/play.js';

afterEach(closeEverything);

const TOKEN = tokenOf('acme');

function serverWithTool(): McpServer {
  const server = new McpServer({ name: 'one', version: '1' });
  server.registerTool('hello', {}, () => ({ content: [{ type: 'text', text: 'hello' }] }));
  return server;
}

describe('A list that is remembered', () => {
  it('Has the headers that it had at first: a length would be wrong when middleware puts another body under them.', async () => {
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: serverWithTool, lists: 'static' });
    const seen: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const response = await post(tessera, { token: TOKEN, method: 'tools/list' });
      expect(await response.json()).toHaveProperty('result.tools.0.name', 'hello');
      seen.push(JSON.stringify([...response.headers]));
    }
    expect(seen).toEqual(seen.map(() => seen[0]));
    expect(seen[0]).not.toContain('content-length');
  });
});
