import { largeText } from '../shared/tools.mjs';

/*
 * What the floors answer: everything that a client sends in a workload, with one parse and one write, and nothing checked.
 * They have no tenants, no sessions and no tools; they are what the machine and the framework cost.
 */

const LIST = Array.from({ length: 100 }, (_, index) => ({
  name: `tool-${index}`,
  description: `Looks up what a customer has ordered, number ${index} of many`,
  inputSchema: {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    properties: {
      customer: { type: 'string', minLength: 1, description: 'Who has ordered' },
      limit: { description: 'How many at most', type: 'integer', minimum: 1, maximum: 100 },
      status: { description: 'Only those in this state', type: 'string', enum: ['open', 'sent', 'returned'] },
    },
    required: ['customer'],
  },
}));

const INFO = { name: 'floor', version: '1.0.0' };

/** The list as text: a floor writes it and does not make it. */
const LISTED = JSON.stringify(LIST);

/**
 * The body of an answer to a POST; undefined where there is none to be given.
 *
 * @param {any} message @param {import('../shared/harness.mjs').ToolSet} tools
 * @returns {string | undefined}
 */
export function answerTo(message, tools) {
  const { id, method, params } = message;
  if (id === undefined) return undefined;
  if (method === 'tools/list' && tools === 'hundred')
    return `{"jsonrpc":"2.0","id":${id},"result":{"tools":${LISTED}}}`;
  return JSON.stringify({ jsonrpc: '2.0', id, result: resultOf(method, params, tools) });
}

function resultOf(method, params, tools) {
  if (method === 'initialize') {
    return {
      protocolVersion: params.protocolVersion,
      capabilities: { tools: { listChanged: true } },
      serverInfo: INFO,
    };
  }
  if (method === 'tools/list') return { tools: LIST.slice(0, 1) };
  const { text } = params.arguments;
  return { content: [{ type: 'text', text: tools === 'large' ? largeText(text) : text }] };
}
