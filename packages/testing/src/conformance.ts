export { describeAdapter } from './conformance/describe-adapter.js';
export { listening } from './conformance/listening.js';
export {
  DEFAULT_CAPABILITIES,
  type AdapterCapabilities,
  type AdapterUnderTest,
  type Malformed,
  type Mounted,
  type MountOptions,
} from './conformance/adapter-under-test.js';

// The checks themselves, to run one of them alone.
export { SUITES } from './conformance/suites.js';
export { missingNeeds, runCheck, type Check, type Need, type Suite } from './conformance/check.js';
export type { Bench, App } from './conformance/bench.js';
export type { Client, SendOptions, Sending, SentHeaders } from './conformance/client/client.js';
export type { Reply, ReplyParts } from './conformance/client/reply.js';

// The requests that the suite compares answers to.
export { CORPUS } from './conformance/corpus/corpus.js';
export type { CorpusRequest } from './conformance/corpus/corpus-request.js';
