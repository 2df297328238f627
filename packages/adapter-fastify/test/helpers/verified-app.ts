import type { FastifyInstance } from 'fastify';
import { vi } from 'vitest';
import FastifyMcpServer, { type AuthInfo, type BearerMiddlewareOptions } from '../../src/index.js';
import { echoServer, listen, makeApp } from './apps.js';
import { KnownTokens } from './verifiers.js';

interface VerifiedApp {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly verifier: KnownTokens;
  /** What the app was warned about. */
  readonly warnings: () => string[];
}

/** An app that serves one factory to everybody whose token is known. */
export async function serveVerified(
  known: Record<string, Partial<AuthInfo>>,
  options: Omit<BearerMiddlewareOptions, 'verifier'> = {},
): Promise<VerifiedApp> {
  const app = makeApp();
  const warn = vi.spyOn(app.log, 'warn');
  const verifier = new KnownTokens(known);
  await app.register(FastifyMcpServer, {
    server: () => echoServer(),
    authorization: { bearerMiddlewareOptions: { ...options, verifier } },
  });
  const warnings = (): string[] => warn.mock.calls.map((args) => args.map(String).join(' '));
  return { app, verifier, warnings, url: `${await listen(app)}/mcp` };
}
