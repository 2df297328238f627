import { aborts } from './aborts.js';
import { backPressure } from './back-pressure.js';
import { basics } from './basics.js';
import { besideOtherRoutes } from './beside-other-routes.js';
import { bodies } from './bodies.js';
import { bothDirections } from './both-directions.js';
import type { Suite } from './check.js';
import { corpus } from './corpus-checks.js';
import { errors } from './errors.js';
import { headAndOptions } from './head-and-options.js';
import { headers } from './headers.js';
import { lengths } from './lengths.js';
import { ownership } from './ownership.js';
import { prefixes } from './prefixes.js';
import { shutdown } from './shutdown.js';
import { streaming } from './streaming.js';

/** Everything that an adapter is asked for, in the order of the tests. */
export const SUITES: readonly Suite[] = [
  basics,
  bodies,
  bothDirections,
  headers,
  lengths,
  streaming,
  backPressure,
  aborts,
  shutdown,
  prefixes,
  headAndOptions,
  besideOtherRoutes,
  errors,
  corpus,
  ownership,
];
