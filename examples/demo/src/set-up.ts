import { createPerBearerMcpServer, generateToken, type PerBearerMcpServer } from '@tessera-mcp/fastify';
import { createDataServer, createMathServer, createTimeServer } from './servers.js';

/** The three customers of the demo, by name. */
export type DemoTokens = Readonly<Record<'math' | 'time' | 'data', string>>;

/** One server, three tenants. */
export function setUp(
  options: { port?: number | string; logging?: boolean } = {},
  onSleep?: () => void,
): { server: PerBearerMcpServer; tokens: DemoTokens } {
  const tokens = { math: generateToken(), time: generateToken(), data: generateToken() };
  const server = createPerBearerMcpServer(options)
    .addToken(tokens.math, () => createMathServer())
    .addToken(tokens.time, () => createTimeServer(onSleep))
    .addToken(tokens.data, () => createDataServer());
  return { server, tokens };
}
