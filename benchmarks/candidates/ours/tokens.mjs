import { createTessera } from '@tessera-mcp/core';
import { nodeDigest, serve } from '@tessera-mcp/node';
import { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { candidate } from '../shared/harness.mjs';
import { registerTools } from '../shared/tools.mjs';

/* Many tokens of one tenant; they are added and looked up when it is asked for. */
candidate(async ({ tenants: [{ name, token }], limits }) => {
  const tessera = createTessera({
    digest: nodeDigest,
    limits: limits.total,
    hooks: { beforeCall: () => undefined, afterCall: () => undefined },
  });
  tessera.addTenant({
    id: name,
    server: () => registerTools(new McpServer({ name, version: '1.0.0' }), 'echo', z),
    tokens: [{ token }],
    limits: limits.tenant,
  });
  const { port } = await serve(tessera);
  return {
    port,
    sessions: () => tessera.getStats().activeSessions,
    answers: {
      register: (tokens) => {
        const begun = performance.now();
        for (const each of tokens) tessera.addToken(name, each);
        return performance.now() - begun;
      },
      lookUp: ({ known, unknown, times }) => timesOfLookUps(tessera, [...known, ...unknown], times),
    },
  };
});

/** Nanoseconds of single look-ups, sorted: the middle, and what 99 of 100 stay below. */
function timesOfLookUps(tessera, tokens, times) {
  const taken = new Float64Array(times);
  let found = 0;
  for (let index = 0; index < 2 * times; index += 1) {
    // Neighbours in the list were added one after the other; those that are asked for are not.
    const token = tokens[(index * 7919) % tokens.length];
    const before = process.hrtime.bigint();
    const isThere = tessera.hasToken(token);
    const after = process.hrtime.bigint();
    // The first half is to warm up.
    if (index < times) continue;
    taken[index - times] = Number(after - before);
    if (isThere) found += 1;
  }
  taken.sort();
  return { p50: taken[Math.floor(times / 2)], p99: taken[Math.floor(times * 0.99)], found };
}
