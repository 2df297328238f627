import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { inputRequired as inputRequiredV2, McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import { inputRequired, inputResponses, requestState, type McpServerLike } from '@tessera-mcp/core';
import { z } from 'zod';
import { SDK_V1, type Sdk } from '../../session-era/helpers/servers.js';

/** The key under which the servers here ask, and the answer that a client gives. */
export const SEAT = 'seat';
export const SEAT_ANSWER = { [SEAT]: { action: 'accept', content: { seat: '12A' } } };

/** The address of the resource that asks before it is read. */
export const PLAN = 'plan://book';

/** What the servers of a tenant have done. */
export interface Bookings {
  /** Whose they are. */
  readonly label: string;
  /** What was booked, by whichever request came with an answer that was accepted. */
  readonly booked: string[];
}

const FORM = {
  message: 'Which seat?',
  requestedSchema: { type: 'object' as const, properties: { seat: { type: 'string' as const } } },
};
const INFO = { version: '1.0.0' };

const saying = (text: string): { content: { type: 'text'; text: string }[] } => ({
  content: [{ type: 'text', text }],
});
const prompting = (
  text: string,
): { messages: { role: 'user'; content: { type: 'text'; text: string } }[] } => ({
  messages: [{ role: 'user', content: { type: 'text', text } }],
});

/** What a handler needs to know of a request. */
interface Round {
  readonly what: string;
  readonly state: string | undefined;
  readonly responses: unknown;
}

/** The text of the second round; undefined in the first, in which the client is asked. */
function book({ label, booked }: Bookings, { what, state, responses }: Round): string | undefined {
  if (state === undefined) return undefined;
  const text = JSON.stringify({ label, what, state, responses });
  booked.push(text);
  return text;
}

const stateOf = ({ label }: Bookings, what: string): string => `state of ${label}: ${what}`;

function makeV1(bookings: Bookings): McpServerLike {
  const server = new McpServerV1({ name: bookings.label, ...INFO });
  const ask = (what: string): ReturnType<typeof inputRequired> =>
    inputRequired({
      inputRequests: { [SEAT]: { method: 'elicitation/create', params: { mode: 'form', ...FORM } } },
      requestState: stateOf(bookings, what),
    });
  const round = (what: string, extra: object): string | undefined =>
    book(bookings, { what, state: requestState(extra), responses: inputResponses(extra)[SEAT] });
  for (const name of ['book', 'rebook']) {
    server.registerTool(name, { inputSchema: { text: z.string() } }, ({ text }, extra) => {
      const what = `${name} ${text}`;
      const said = round(what, extra);
      return said === undefined ? ask(what) : saying(said);
    });
  }
  server.registerPrompt('book', {}, (extra) => {
    const said = round('prompt', extra);
    return said === undefined ? ask('prompt') : prompting(said);
  });
  server.registerResource('plan', PLAN, {}, (uri, extra) => {
    const said = round('plan', extra);
    return said === undefined ? ask('plan') : { contents: [{ uri: uri.href, text: said }] };
  });
  return server;
}

function makeV2(bookings: Bookings): McpServerLike {
  const server = new McpServerV2({ name: bookings.label, ...INFO });
  const ask = (what: string): ReturnType<typeof inputRequiredV2> =>
    inputRequiredV2({
      inputRequests: { [SEAT]: inputRequiredV2.elicit(FORM) },
      requestState: stateOf(bookings, what),
    });
  const round = (
    what: string,
    mcpReq: { requestState: () => unknown; inputResponses?: Record<string, unknown> | undefined },
  ): string | undefined =>
    book(bookings, {
      what,
      state: mcpReq.requestState() as string | undefined,
      responses: mcpReq.inputResponses?.[SEAT],
    });
  for (const name of ['book', 'rebook']) {
    const inputSchema = z.object({ text: z.string() });
    server.registerTool(name, { inputSchema }, ({ text }, { mcpReq }) => {
      const what = `${name} ${text}`;
      const said = round(what, mcpReq);
      return said === undefined ? ask(what) : saying(said);
    });
  }
  server.registerPrompt('book', {}, ({ mcpReq }) => {
    const said = round('prompt', mcpReq);
    return said === undefined ? ask('prompt') : prompting(said);
  });
  server.registerResource('plan', PLAN, {}, (uri, { mcpReq }) => {
    const said = round('plan', mcpReq);
    return said === undefined ? ask('plan') : { contents: [{ uri: uri.href, text: said }] };
  });
  return server;
}

/** Makes a server of an SDK whose tools, prompt and resource ask the client for a seat, and keep their state with it. */
export function makeAskingServer(sdk: Sdk, bookings: Bookings): McpServerLike {
  return sdk === SDK_V1 ? makeV1(bookings) : makeV2(bookings);
}
