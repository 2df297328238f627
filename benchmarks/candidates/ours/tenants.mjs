import { McpServer as McpServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer as McpServerV2 } from '@modelcontextprotocol/server';
import { createTessera } from '@tessera-mcp/core';
import { nodeDigest } from '@tessera-mcp/node';
import { z } from 'zod';
import { registerTools } from '../shared/tools.mjs';

/**
 * A tessera as its users make one: tokens, caps, hooks and events are on, nothing is logged. Caps that a workload
 * would meet are raised by its settings, the others stay as they are by default.
 *
 * @param {import('../shared/harness.mjs').Settings} settings
 */
export function tesseraOf({ tenants, tools, sdk, limits, lists, parkAfterMs, hosts }) {
  const tessera = createTessera({
    digest: nodeDigest,
    limits: limits?.total ?? {},
    hooks: { beforeCall: () => undefined, afterCall: () => undefined },
    ...(hosts === undefined ? {} : { hosts }),
  });
  const told = { calls: 0, requests: 0 };
  tessera.on('toolCalled', () => (told.calls += 1));
  tessera.on('requestHandled', () => (told.requests += 1));
  const McpServer = sdk === 'v1' ? McpServerV1 : McpServerV2;
  for (const { token, name } of tenants) {
    tessera.addTenant({
      id: name,
      server: () => registerTools(new McpServer({ name, version: '1.0.0' }), tools, z),
      tokens: [{ token }],
      limits: limits?.tenant ?? {},
      ...(lists === undefined ? {} : { lists }),
      ...(parkAfterMs === undefined ? {} : { parkAfterMs }),
    });
  }
  return tessera;
}

/** What a candidate tells of a tessera. */
export function toldOf(tessera, tenants) {
  return {
    sessions: () => tessera.getStats().activeSessions,
    answers: { stats: () => tessera.getStats() },
    broadcast: () => {
      for (const { name } of tenants) tessera.notify(name).toolsChanged();
    },
  };
}
