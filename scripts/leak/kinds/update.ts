import assert from 'node:assert/strict';
import { inProcess } from '../in-process.js';
import { lineOf, makeRig } from '../rig.js';
import { Session } from '../session.js';
import { nextHeld } from '../until.js';
import type { Kind } from './kind.js';

const TENANT = 'v2';

/**
 * Servers that are replaced under a live session, every third time while they have a call in flight. The next one may be
 * made with the other SDK.
 */
export const updated: Kind = {
  name: 'update',
  cycles: 10_000,
  start: async (census) => {
    const rig = await makeRig({ census });
    const { tessera, tokens, factories, held } = rig;
    const send = inProcess(tessera);
    return {
      rig,
      cycle: async (index) => {
        const session = await Session.open(send, tokens[TENANT]);
        const server = factories[lineOf(index)];
        if (index % 3 === 0) {
          const answered = session.call('hold', 'old');
          const call = await nextHeld(held);
          await tessera.updateTenant(TENANT, { server });
          await session.echo('new');
          call.release();
          assert.match(await (await answered).text(), /"text":"old"/);
        } else {
          await tessera.updateTenant(TENANT, { server });
          await session.echo('new');
        }
        await session.delete();
      },
      close: () => tessera.close(),
    };
  },
};
