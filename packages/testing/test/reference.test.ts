import { describeAdapter } from '../src/conformance.js';
import { referenceAdapter } from './helpers/reference-mount.js';

describeAdapter(referenceAdapter());
