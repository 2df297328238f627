/* Charging for calls, and deciding who may use which tool. */
import { createTessera, type Tessera } from '@tessera-mcp/core';

/** What the program around the tessera knows. */
interface Billing {
  readonly reserve: (tenantId: string, tool: string) => Promise<string | undefined>;
  readonly settle: (reservation: string, charged: boolean) => Promise<void>;
  readonly plan: (tenantId: string) => ReadonlySet<string>;
}

export function charge({ reserve, settle, plan }: Billing): Tessera {
  //#region hooks
  const tessera = createTessera({
    hooks: {
      async beforeCall({ tenantId, name }) {
        const reservation = await reserve(tenantId, name);
        if (reservation !== undefined) return { state: reservation };
        return { answer: { error: { code: -32000, message: 'No credits are left.' } } };
      },
      // Exactly once for each call that was asked about, also when it was cancelled or its session ended.
      async afterCall(_call, state, outcome) {
        if (typeof state === 'string') await settle(state, outcome.status === 'answered');
      },
      // What is denied looks like a tool that the server does not have.
      allowTool: (tool, { tenantId }) => plan(tenantId).has(tool),
    },
  });
  //#endregion
  return tessera;
}
