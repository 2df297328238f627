import { readFileSync } from 'node:fs';
import { defineConfig } from 'tsup';

/** Where the package that is being built exports its sources from. */
const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as { exports: Record<string, string> };

/**
 * How every package is built: ESM only, one file for each of its entries, types rolled up. There are no source maps:
 * the code is not minified, and the sources that maps would point to are not published.
 */
export default defineConfig({
  entry: Object.values(exports),
  format: 'esm',
  target: 'node20',
  platform: 'neutral',
  // `node:http` must stay what it is: `http` could be anything.
  external: [/^node:/],
  removeNodeProtocol: false,
  dts: true,
  clean: true,
});
