/* One tool, three ways: it asks before it buys. Shown in docs/stateless-era.md. */
import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  McpServer as McpServerV2,
  acceptedContent,
  inputRequired as ask,
} from '@modelcontextprotocol/server';
import { askAs, inputRequired, inputResponses, requestState } from '@tessera-mcp/core';
import { z } from 'zod';
import { text } from '../servers.js';

/** What the tools work with. */
export interface Shop {
  /** May be another one each time. */
  priceOf(item: string): number;
  /** Cannot be undone. */
  pay(price: number): string;
}

const inputSchema = { item: z.string() };
const consentSchema = z.object({ sure: z.boolean() });
const requestedSchema = { type: 'object' as const, properties: { sure: { type: 'boolean' as const } } };
const NOTHING = 'Nothing was bought';

/** SDK v1: the handler asks, and waits for the answer. The same code serves sessions. */
export function createAskingServer(shop: Shop): McpServerV1 {
  const mcp = new McpServerV1({ name: 'asking', version: '1.0.0' });
  //#region ask
  mcp.registerTool('buy', { inputSchema }, async ({ item }) => {
    const price = shop.priceOf(item);
    const question = { message: `Buy ${item} for ${String(price)}?`, requestedSchema, ...askAs('consent') };
    const { content } = await mcp.server.elicitInput(question);
    return text(content?.['sure'] === true ? shop.pay(price) : NOTHING);
  });
  //#endregion
  return mcp;
}

/** SDK v1: the handler returns its question, and is called again with the answer. For the stateless era only. */
export function createReturningServer(shop: Shop): McpServerV1 {
  const mcp = new McpServerV1({ name: 'returning', version: '1.0.0' });
  //#region return
  mcp.registerTool('buy', { inputSchema }, ({ item }, extra) => {
    const { consent } = inputResponses(extra);
    const price = requestState(extra); // as it was when the client was asked
    if (consent === undefined || price === undefined) {
      const newPrice = String(shop.priceOf(item));
      const params = { message: `Buy ${item} for ${newPrice}?`, requestedSchema };
      const inputRequests = { consent: { method: 'elicitation/create' as const, params } };
      return inputRequired({ inputRequests, requestState: newPrice });
    }
    const { success, data } = consentSchema.safeParse(consent['content']); // nobody has checked it yet
    return text(success && data.sure ? shop.pay(Number(price)) : NOTHING);
  });
  //#endregion
  return mcp;
}

/** SDK v2: the handler returns its question. In sessions the SDK asks it. */
export function createModernServer(shop: Shop): McpServerV2 {
  const mcp = new McpServerV2({ name: 'modern', version: '1.0.0' });
  const modernSchema = z.object(inputSchema);
  //#region modern
  mcp.registerTool('buy', { inputSchema: modernSchema }, ({ item }, { mcpReq }) => {
    const consent = acceptedContent(mcpReq.inputResponses, 'consent', consentSchema);
    const price = mcpReq.requestState<string>();
    if (consent === undefined || price === undefined) {
      const newPrice = String(shop.priceOf(item));
      const question = ask.elicit({ message: `Buy ${item} for ${newPrice}?`, requestedSchema });
      return ask({ inputRequests: { consent: question }, requestState: newPrice });
    }
    return text(consent.sure ? shop.pay(Number(price)) : NOTHING);
  });
  //#endregion
  return mcp;
}
