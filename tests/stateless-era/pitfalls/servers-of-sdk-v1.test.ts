import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { afterEach, describe, expect, it } from 'vitest';
import { closeEverything } from '../../session-era/helpers/cleanup.js';
import { SDK_V1, SDK_V2 } from './helpers/servers.js';
import { StatelessTenant } from './helpers/stateless-tenant.js';

afterEach(closeEverything);

const SCHEMA = { type: 'object' as const, properties: { name: { type: 'string' as const } } };

function asking(): McpServer {
  const server = new McpServer({ name: 'one', version: '1.0.0' });
  server.registerTool('elicit', {}, async () => {
    const { action } = await server.server.elicitInput({ message: 'Your name?', requestedSchema: SCHEMA });
    return { content: [{ type: 'text', text: action }] };
  });
  server.registerTool('sample', {}, async () => {
    const { model } = await server.server.createMessage({ messages: [], maxTokens: 5 });
    return { content: [{ type: 'text', text: model }] };
  });
  server.registerTool('roots', {}, async () => {
    const { roots } = await server.server.listRoots();
    return { content: [{ type: 'text', text: JSON.stringify(roots) }] };
  });
  return server;
}

describe.each([true, false])('A server of SDK v1 (direct: %s)', (direct) => {
  it('Turns a question down itself when the client cannot be asked, which is an error of the tool.', async () => {
    const tenant = new StatelessTenant(asking, { direct });
    const { status, last, text } = await tenant.call('elicit', '', { capabilities: {} });
    expect(status).toBe(200);
    expect(last?.result?.isError).toBe(true);
    expect(text).toContain('Client does not support form elicitation');
  });

  it('Takes a client that elicits in no particular way for one that shows forms.', async () => {
    const tenant = new StatelessTenant(asking, { direct });
    const { last } = await tenant.call('elicit', '', { capabilities: { elicitation: {} } });
    expect(last?.result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { elicitation_0: { method: 'elicitation/create' } },
      requestState: expect.any(String) as string,
    });
  });

  it.each([
    ['sample', { sampling: {} }],
    ['roots', { roots: {} }],
  ])('Gets 400 and -32021 for its client where it asks for what that lacks (%s).', async (tool, required) => {
    const tenant = new StatelessTenant(asking, { direct });
    const { status, last } = await tenant.call(tool, '', { capabilities: {} });
    expect(status).toBe(400);
    expect(last).toMatchObject({ id: 1, error: { code: -32021, data: { requiredCapabilities: required } } });
    expect(tenant.tessera.getStats()).toMatchObject({ parkedCalls: 0, callsInFlight: 0 });
  });

  it('Calls an unknown tool an error of the tool, where SDK v2 calls it invalid params.', async () => {
    const ofV1 = new StatelessTenant(() => SDK_V1.make({ echo: ({ text }) => text }).server, { direct });
    const ofV2 = new StatelessTenant(() => SDK_V2.make({ echo: ({ text }) => text }).server, { direct });
    for (let count = 0; count < 3; count += 1) {
      const answer = await ofV1.call('missing');
      expect(answer.last?.result).toMatchObject({ isError: true, resultType: 'complete' });
      expect(answer.text).toMatch(/-32602.*missing not found/);
      const { status, last } = await ofV2.call('missing');
      expect([status, last?.error?.code]).toEqual([200, -32602]);
      await ofV1.call('echo');
      await ofV2.call('echo');
    }
  });
});
