import { inProcess } from '../in-process.js';
import { lineOf, makeRig } from '../rig.js';
import { Session } from '../session.js';
import type { Kind } from './kind.js';

/** Sessions that their clients end. */
export const deleted: Kind = {
  name: 'delete',
  cycles: 100_000,
  start: async (census) => {
    const rig = await makeRig({ census });
    const send = inProcess(rig.tessera);
    return {
      rig,
      cycle: async (index) => {
        const session = await Session.open(send, rig.tokens[lineOf(index)]);
        await session.echo(String(index));
        await session.delete();
      },
      close: () => rig.tessera.close(),
    };
  },
};
