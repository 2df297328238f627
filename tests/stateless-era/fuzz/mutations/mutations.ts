import { ENVELOPE_MUTATIONS } from './envelope.js';
import { HEADER_MUTATIONS } from './headers.js';
import type { Mutations } from './mutation.js';
import { PARAM_MUTATIONS } from './params.js';
import { SHAPE_MUTATIONS } from './shape.js';

/** All mutations, by what they are about. */
export const MUTATIONS: readonly Mutations[] = [
  HEADER_MUTATIONS,
  ENVELOPE_MUTATIONS,
  PARAM_MUTATIONS,
  SHAPE_MUTATIONS,
];

/** Mutations that leave a request valid more often than not: they try what is accepted, again and again. */
export const GENTLE_MUTATIONS: Mutations = Object.fromEntries(
  [
    ...Object.entries(HEADER_MUTATIONS),
    ...Object.entries(ENVELOPE_MUTATIONS),
    ...Object.entries(PARAM_MUTATIONS),
    ...Object.entries(SHAPE_MUTATIONS),
  ].filter(([name]) =>
    [
      'headers that follow the body',
      'the name in Base64',
      'another form of the media types',
      'a header of the session era',
      'a header that a tool asks for',
      'another client',
      'other capabilities',
      'a usual progress token',
      'a log level',
      'a trace',
      'another key in _meta',
      'keys of _meta in another order',
      'an unknown key in params',
      'a known key in params',
      'answers to questions',
      'another argument',
      'one argument is odd',
      'another id',
      'a usual id',
      'keys in another order',
      'white space around it',
      'escapes in its text',
    ].includes(name),
  ),
);
