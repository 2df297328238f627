import type { CorpusRequest } from './corpus-request.js';
import { credentials } from './credentials.js';
import { encodings } from './encodings.js';
import { hosts, origins, preflights } from './hosts-and-origins.js';
import { otherMessages, requests } from './messages.js';
import { methodsAndPaths } from './methods-and-paths.js';
import { negotiation } from './negotiation.js';
import { refusalsAndStreams } from './refusals-and-streams.js';
import { sessionIds, versions } from './versions-and-sessions.js';

/**
 * Requests whose answers an adapter must not change: right ones, wrong ones, hostile ones. The subjects are independent of
 * each other; within one the order counts.
 */
export const CORPUS: readonly CorpusRequest[] = Object.freeze([
  ...credentials,
  ...methodsAndPaths,
  ...negotiation,
  ...versions,
  ...sessionIds,
  ...hosts,
  ...origins,
  ...preflights,
  ...requests,
  ...otherMessages,
  ...encodings,
  ...refusalsAndStreams,
]);

/** The subjects, in order. */
export const SUBJECTS: readonly string[] = [...new Set(CORPUS.map(({ subject }) => subject))];
