import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { pause } from '../../../one-line-server/helpers/watch.js';

/** How many of some objects are still held by somebody, once everything else was freed. */
export async function countHeld(objects: readonly WeakRef<object>[]): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let round = 1; round <= 5; round += 1) {
    await pause(20);
    collect();
  }
  return objects.filter((object) => object.deref() !== undefined).length;
}
