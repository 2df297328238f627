import assert from 'node:assert/strict';
import { generateToken } from '../../../packages/core/src/index.js';
import { inProcess } from '../in-process.js';
import { lineOf, makeRig } from '../rig.js';
import { Session } from '../session.js';
import { nextHeld } from '../until.js';
import type { Kind } from './kind.js';

/** Tokens that are removed while their sessions have a call in flight and a stream open; each fifth one's whole tenant. */
export const revoked: Kind = {
  name: 'revoke',
  cycles: 100_000,
  start: async (census) => {
    const rig = await makeRig({ census });
    const { tessera, factories, held } = rig;
    const send = inProcess(tessera);
    return {
      rig,
      cycle: async (index) => {
        const token = generateToken();
        const line = lineOf(index);
        const ownTenant = index % 5 === 0;
        if (ownTenant) tessera.addTenant({ id: token, tokens: [token], server: factories[line] });
        else tessera.addToken(line, token);
        const session = await Session.open(send, token);
        const stream = await session.listen();
        const answered = session.call('hold', '');
        const { signal } = await nextHeld(held);
        assert.equal(ownTenant ? tessera.removeTenant(token) : tessera.removeToken(token), true);
        const { status } = await answered;
        assert.equal(status, 401);
        await stream.text();
        assert.equal(signal.aborted, true);
      },
      close: () => tessera.close(),
    };
  },
};
