import type { Answer, Mountable } from '@tessera-mcp/core';
import type { NodeIncoming } from './node-messages.js';
import { toNodeHandler, type NodeHandler } from './to-node-handler.js';
import { writeAnswer } from './write-answer.js';

/**
 * The handler of a server that serves one thing only, such as a tessera: `/health` says that the process answers, `/ready`
 * that it takes new sessions. Neither needs a token or tells anything else.
 */
export function toServedHandler(mountable: Mountable): NodeHandler {
  const handler = toNodeHandler(mountable);
  return (incoming, outgoing, options) => {
    const probe = probeAnswer(incoming, mountable);
    return probe === undefined
      ? handler(incoming, outgoing, options)
      : Promise.resolve(writeAnswer(probe, outgoing));
  };
}

function probeAnswer({ method, url }: NodeIncoming, served: Mountable): Answer | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  if (url === '/health') return statusAnswer(200, 'ok', method);
  if (url !== '/ready') return undefined;
  return served.ready?.() !== false
    ? statusAnswer(200, 'ready', method)
    : statusAnswer(503, 'draining', method);
}

function statusAnswer(code: number, status: string, method: string): Answer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return { status: code, headers, body: method === 'HEAD' ? null : JSON.stringify({ status }) };
}
