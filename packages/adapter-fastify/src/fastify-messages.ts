import type { AuthInfo } from '@tessera-mcp/core';
import type { NodeIncoming, NodeOutgoing } from '@tessera-mcp/node';

/** What is used of a request of Fastify, whatever it listens with. */
export interface FastifyRequestLike {
  readonly raw: NodeIncoming & { auth?: AuthInfo };
  readonly originalUrl: string;
  readonly body: unknown;
  readonly routeOptions: { readonly url?: string | undefined };
}

/** What is used of a reply of Fastify. */
export interface FastifyReplyLike {
  readonly raw: NodeOutgoing;
  getHeaders(): Readonly<Record<string, number | string | string[] | undefined>>;
  hijack(): unknown;
  callNotFound(): unknown;
}
