/** What one import may weigh, bundled and minified with everything it brings but packages of ours and peers. */
export interface SizeLimit {
  /** As in `PackageEntry`: what is imported. */
  readonly specifier: string;
  /** The names that are imported; all of them by default. */
  readonly names?: string;
  /** Bytes after gzip. */
  readonly gzip: number;
  /** Bytes after Brotli. */
  readonly brotli: number;
}

/** About a tenth above what was measured when a limit was set. */
export const SIZE_LIMITS: readonly SizeLimit[] = [
  { specifier: '@tessera-mcp/core', gzip: 66_800, brotli: 57_600 },
  { specifier: '@tessera-mcp/core', names: '{ createTessera }', gzip: 60_800, brotli: 52_700 },
  { specifier: '@tessera-mcp/core/per-bearer', gzip: 63_800, brotli: 55_100 },
  { specifier: '@tessera-mcp/node', gzip: 6_450, brotli: 5_900 },
  { specifier: '@tessera-mcp/fastify', gzip: 2_700, brotli: 2_400 },
  { specifier: '@tessera-mcp/express', gzip: 1_000, brotli: 920 },
  { specifier: '@tessera-mcp/hono', gzip: 970, brotli: 890 },
  { specifier: '@tessera-mcp/testing', gzip: 1_120, brotli: 980 },
  { specifier: '@tessera-mcp/testing/conformance', gzip: 31_600, brotli: 27_600 },
];
