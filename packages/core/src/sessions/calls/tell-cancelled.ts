import { authInfoOf } from '../../shared/caller.js';
import type { Call } from './call-table.js';

/** Lets the handler of a call know that nobody waits for it any more. */
export function tellCancelled(
  { id: requestId, principal, delivered, transport }: Call,
  reason: string,
): void {
  if (!delivered) return;
  const extra = { authInfo: authInfoOf(principal) };
  transport.receive(
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, reason } },
    extra,
  );
}
