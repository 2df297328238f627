import type { ServerFactory } from '@tessera-mcp/core';
import { describe, expect, it, vi } from 'vitest';
import {
  everythingServerV1,
  everythingServerV1ThatReturns,
} from '../../packages/testing/fixtures/everything-server-v1.js';
import { everythingServerV2 } from '../../packages/testing/fixtures/everything-server-v2.js';
import { askedClient, type AskedClientOptions } from './asked-client.js';

const BOUND = { timeout: 10_000 };

/** What the tools say in the end, from what the client answers. */
const CONCLUSIONS = {
  test_input_required_result_elicitation: 'Hello, Ada!',
  test_input_required_result_sampling: 'LLM response: It rains.',
  test_input_required_result_list_roots: 'Roots: file:///home',
  test_input_required_result_request_state: 'state-ok, confirmed: true',
  test_input_required_result_multiple_inputs: 'name: Ada, greeting: It rains., roots: file:///home',
  test_input_required_result_multi_round: 'Ada likes blue.',
  test_input_required_result_tampered_state: 'The state is unchanged, confirmed: true',
  test_input_required_result_capabilities: 'name: Ada, greeting: It rains., roots: file:///home',
  test_missing_capability: 'LLM response: It rains.',
  test_streaming_elicitation: 'Confirmed: true',
};

const SESSION: AskedClientOptions = { era: 'session' };
const DIRECT: AskedClientOptions = { era: 'stateless' };
const INDIRECT: AskedClientOptions = { era: 'stateless', tessera: { stateless: { direct: false } } };

const SETTINGS: readonly [string, ServerFactory, AskedClientOptions][] = [
  ['a server of SDK v1 that asks, in a session', everythingServerV1, SESSION],
  ['a server of SDK v1 that asks, without sessions', everythingServerV1, DIRECT],
  ['a server of SDK v1 that asks, without sessions and the fast path', everythingServerV1, INDIRECT],
  ['a server of SDK v1 that returns, without sessions', everythingServerV1ThatReturns, DIRECT],
  [
    'a server of SDK v1 that returns, without sessions and the fast path',
    everythingServerV1ThatReturns,
    INDIRECT,
  ],
  ['a server of SDK v2, in a session', everythingServerV2, SESSION],
  ['a server of SDK v2, without sessions', everythingServerV2, DIRECT],
  ['a server of SDK v2, without sessions and the fast path', everythingServerV2, INDIRECT],
];

describe.each(SETTINGS)('With %s,', (_setting, server, options) => {
  it('Tools conclude from what they are answered.', async () => {
    const { client } = await askedClient(server, options);
    for (const [name, conclusion] of Object.entries(CONCLUSIONS)) {
      const { content } = await client.callTool({ name });
      expect(content, name).toEqual([{ type: 'text', text: conclusion }]);
    }
  });

  it('Prompts conclude from what they are answered.', async () => {
    const { client } = await askedClient(server, options);
    const { messages } = await client.getPrompt({ name: 'test_input_required_result_prompt' });
    expect(messages).toEqual([
      { role: 'user', content: { type: 'text', text: 'Prompt with context: the weather' } },
    ]);
  });

  it('A user who declines is asked once.', async () => {
    const { client, told } = await askedClient(server, { ...options, action: 'decline' });
    const { content } = await client.callTool({ name: 'test_input_required_result_elicitation' });
    expect(content).toEqual([{ type: 'text', text: 'Hello, nothing!' }]);
    expect(told).toHaveLength(1);
  });

  it('Clients hear which lists have changed, when they want to.', async () => {
    const { client, changed } = await askedClient(server, options);
    if (options.era === 'stateless')
      await client.listen({ toolsListChanged: true, promptsListChanged: true });
    await client.callTool({ name: 'test_trigger_prompt_change' });
    await vi.waitFor(() => {
      expect(changed).toEqual(['prompts']);
    }, BOUND);
    await client.callTool({ name: 'test_trigger_tool_change' });
    await vi.waitFor(() => {
      expect(changed).toEqual(['prompts', 'tools']);
    }, BOUND);
  });

  it('The argument that comes in a header too is repeated.', async () => {
    const { client } = await askedClient(server, options);
    await client.listTools();
    const { content } = await client.callTool({
      name: 'test_x_mcp_header',
      arguments: { region: 'eu-west' },
    });
    expect(content).toEqual([{ type: 'text', text: 'Region: eu-west' }]);
  });
});
