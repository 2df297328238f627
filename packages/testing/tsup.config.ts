import { defineConfig, type Options } from 'tsup';
import base from '../../tsup.base.js';

/** Two entries: what needs no test runner, and what does. */
export default defineConfig({ ...(base as Options), entry: ['src/index.ts', 'src/conformance.ts'] });
