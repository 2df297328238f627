import { McpServer } from '@modelcontextprotocol/server';
import type fc from 'fast-check';
import type { ServerFactory } from '../../../src/index.js';

/** What a factory does. */
export type FactoryKind = 'good' | 'failing';

/** A server instance that was made. */
interface Instance {
  readonly tenantId: string;
  closed: boolean;
}

/** A tool that is running. */
interface Running {
  readonly tenantId: string;
  readonly signal: AbortSignal;
}

/** Makes servers that wait for a scheduler, and counts them and what they do. */
export class CountedServers {
  readonly instances: Instance[] = [];
  readonly running = new Set<Running>();
  readonly #scheduler: fc.Scheduler;

  constructor(scheduler: fc.Scheduler) {
    this.#scheduler = scheduler;
  }

  /** How many instances have not been closed. */
  open(tenantId?: string): number {
    return this.instances.filter(
      (one) => !one.closed && (tenantId === undefined || one.tenantId === tenantId),
    ).length;
  }

  /** A factory whose servers answer every call with `label`. */
  factory(tenantId: string, label: string, kind: FactoryKind = 'good'): ServerFactory {
    return async () => {
      await this.#scheduler.schedule(Promise.resolve(), `factory of ${label}`);
      if (kind === 'failing') throw new Error(`${label} does not work.`);
      return this.#make(tenantId, label);
    };
  }

  #make(tenantId: string, label: string): McpServer {
    const instance: Instance = { tenantId, closed: false };
    this.instances.push(instance);
    const server = new McpServer({ name: label, version: '1.0.0' }, { capabilities: { logging: {} } });
    const close = server.close.bind(server);
    server.close = () => {
      instance.closed = true;
      return close();
    };
    for (const name of ['work', 'talk']) {
      server.registerTool(name, {}, async ({ mcpReq }) => {
        const running: Running = { tenantId, signal: mcpReq.signal };
        this.running.add(running);
        try {
          if (name === 'talk') {
            await mcpReq.notify({ method: 'notifications/message', params: { level: 'info', data: label } });
          }
          await this.#scheduler.schedule(Promise.resolve(), `${name} of ${label}`);
          return { content: [{ type: 'text', text: label }] };
        } finally {
          this.running.delete(running);
        }
      });
    }
    return server;
  }
}
