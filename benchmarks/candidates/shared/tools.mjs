/*
 * The tools of every candidate's servers. Both SDKs register tools alike, and most peers take the same three things.
 */

/** How much text a large result has: 256 KiB, all of it ASCII. */
const LARGE = 256 * 1024;
const LINE = 'a line of a long report, with "quotes"\n';
const FILLER = LINE.repeat(Math.ceil(LARGE / LINE.length));

const HUNDRED = 100;

/** What the slow tool waits for, in milliseconds. */
const SLOW_MS = 500;

/** A tool by name, what it takes, and what it gives back. @typedef {{ name: string, description: string, inputSchema: any, call: (input: any) => any }} Tool */

/**
 * 256 KiB of text that begin with another one. Each is a new text, so that nobody can have kept its answer.
 *
 * @param {string} text
 */
export function largeText(text) {
  return `${text} `.padEnd(64) + FILLER.slice(0, LARGE - 64);
}

/**
 * The tools of a set. `echo`: one that says what it was told. `large`: one that says it at length, in 256 KiB. `slow`: one that
 * takes 500 ms for what begins with `slow`. `hundred`: a hundred, of which each has three arguments.
 *
 * @param {import('./harness.mjs').ToolSet} set
 * @param {any} z zod of whoever asks
 * @returns {Tool[]}
 */
export function toolsOf(set, z) {
  if (set === 'hundred') return Array.from({ length: HUNDRED }, (_, index) => listedTool(z, index));
  return [echoTool(z, ECHOES[set])];
}

const say = (text) => ({ content: [{ type: 'text', text }] });

const ECHOES = {
  echo: ({ text }) => say(text),
  large: ({ text }) => say(largeText(text)),
  slow: ({ text }) => {
    if (!text.startsWith('slow')) return say(text);
    return new Promise((resolve) => setTimeout(() => resolve(say(text)), SLOW_MS));
  },
};

function echoTool(z, call) {
  return {
    name: 'echo',
    description: 'Says what it was told',
    inputSchema: z.object({ text: z.string().describe('What to say') }),
    call,
  };
}

function listedTool(z, index) {
  return {
    name: `tool-${index}`,
    description: `Looks up what a customer has ordered, number ${index} of many`,
    inputSchema: z.object({
      customer: z.string().min(1).describe('Who has ordered'),
      limit: z.number().int().min(1).max(100).optional().describe('How many at most'),
      status: z.enum(['open', 'sent', 'returned']).optional().describe('Only those in this state'),
    }),
    call: ({ customer }) => say(customer),
  };
}

/**
 * Registers a set of tools with an `McpServer` of either SDK.
 *
 * @param {any} server
 * @param {import('./harness.mjs').ToolSet} set
 * @param {any} z
 */
export function registerTools(server, set, z) {
  for (const { name, description, inputSchema, call } of toolsOf(set, z)) {
    server.registerTool(name, { description, inputSchema }, call);
  }
  return server;
}
