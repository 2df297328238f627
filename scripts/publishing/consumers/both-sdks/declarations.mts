/* Only compiled, and without the declarations of a browser: what all packages of ours declare stands on Node's. */
export type * as core from '@tessera-mcp/core';
export type * as express from '@tessera-mcp/express';
export type * as fastify from '@tessera-mcp/fastify';
export type * as hono from '@tessera-mcp/hono';
export type * as node from '@tessera-mcp/node';
export type * as testing from '@tessera-mcp/testing';
export type * as conformance from '@tessera-mcp/testing/conformance';
