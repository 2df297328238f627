import { defineConfig } from 'tsup';

/** How every package is built: ESM only, one entry, types rolled up. */
export default defineConfig({
  entry: ['src/index.ts'],
  format: 'esm',
  target: 'node20',
  platform: 'neutral',
  dts: true,
  clean: true,
  sourcemap: true,
});
