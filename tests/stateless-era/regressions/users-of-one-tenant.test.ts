import { ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as ServerV2 } from '@modelcontextprotocol/server';
import { afterEach, describe, expect, it } from 'vitest';

import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { answerTo, callOf, tesseraWith, tokenOf } from './helpers/play.js';
import { collectGarbage } from './helpers/collect-garbage.js';

afterEach(closeEverything);

const TOKEN = tokenOf('acme');
const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });

function serverV1(text = 'one'): ServerV1 {
  const server = new ServerV1({ name: text, version: '1' });
  server.registerTool('who', {}, () => said(text));
  return server;
}

function serverV2(text = 'one'): ServerV2 {
  const server = new ServerV2({ name: text, version: '1' });
  server.registerTool('who', {}, () => said(text));
  return server;
}

describe('Users who share a tenant', () => {
  const verifier = {
    verifyAccessToken: (token: string) => {
      const [sub = '', org = ''] = token.split('-');
      return Promise.resolve({ token, clientId: 'c', scopes: [], extra: { sub, org } });
    },
  };

  it('A list that was made for one token is not shown to another whose claims differ.', async () => {
    const tessera = tesseraWith({ auth: { tenant: 'acme', verifier } });
    const server = () => {
      const made = serverV1();
      made.server.setRequestHandler(ListToolsRequestSchema, (_request, { authInfo }) => {
        const { org } = authInfo?.extra as { org: string };
        return { tools: [{ name: `of ${org}`, inputSchema: { type: 'object' as const } }] };
      });
      return made;
    };
    tessera.addTenant({ id: 'acme', server });
    const listOf = async (org: string) => {
      const { result } = await answerTo(tessera, {
        token: `ada-${org}-`.padEnd(48, 'x'),
        method: 'tools/list',
      });
      return result?.tools?.map(({ name }) => name);
    };
    expect(await listOf('red')).toEqual(['of red']);
    expect(await listOf('blue')).toEqual(['of blue']);
  });

  it('One user with many clients does not push out the servers of all others.', async () => {
    const made: string[] = [];
    const tessera = tesseraWith({ auth: { tenant: 'acme', verifier } });
    const server = ({ principal }: { principal: { subject: string } }) => {
      made.push(principal.subject);
      return serverV2();
    };
    tessera.addTenant({ id: 'acme', server });
    const ofAda = () => made.filter((subject) => subject.includes('ada')).length;
    await answerTo(tessera, callOf(tokenOf('ada'), 'who'));
    for (let client = 0; client < 1100; client += 1)
      await answerTo(tessera, callOf(tokenOf('bob'), 'who', { clientName: String(client) }));
    await answerTo(tessera, callOf(tokenOf('ada'), 'who'));
    expect(ofAda()).toBe(1);
  });

  it('What a registry says of a token may be anything.', async () => {
    const record = {
      digest: '',
      tokenId: 'tok',
      tenantId: 'acme',
      fingerprint: 'f',
      scopes: [],
      claims: { account: 5n },
    };
    const registry = { find: (digest: string) => Promise.resolve({ ...record, digest, createdAt: 0 }) };
    const tessera = tesseraWith({ auth: { registries: [registry] } });
    tessera.addTenant({ id: 'acme', server: () => serverV2() });
    expect((await answerTo(tessera, callOf(TOKEN, 'who'))).error).toBeUndefined();
  });

  it('What a client says of itself does not stay in memory by the megabyte.', async () => {
    const tessera = tesseraWith();
    tessera.addTenant({ id: 'acme', tokens: [TOKEN], server: () => serverV2() });
    await answerTo(tessera, callOf(TOKEN, 'who'));
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let client = 0; client < 60; client += 1)
      await answerTo(tessera, callOf(TOKEN, 'who', { clientName: String(client).padStart(900_000, 'x') }));
    collectGarbage();
    expect((process.memoryUsage().heapUsed - before) / 1e6).toBeLessThan(20);
  });
});
