import type { PackedPackage } from '../../../scripts/publishing/packed-packages.js';

/** Something that can be installed alone and imported. */
export interface Installable {
  /** What the table calls it. */
  readonly name: string;
  readonly group: 'ours' | 'peers';
  /** What is given to npm: names with versions, or paths of tarballs. */
  readonly install: readonly string[];
  /** What a program that serves with it imports. */
  readonly imports: readonly string[];
}

/** What a program with one of our packages imports, besides that. */
const FRAMEWORKS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  node: [],
  fastify: ['fastify'],
  express: ['express'],
  hono: ['hono'],
};

/** This project's packages, each with those of the project that it needs. */
export function ourInstallables(packed: readonly PackedPackage[]): Installable[] {
  return packed.flatMap(({ shortName, manifest, tarball, packedManifest }) => {
    const frameworks = FRAMEWORKS[shortName];
    if (frameworks === undefined) return [];
    const needed = packed.filter((other) => other.manifest.name in (packedManifest.dependencies ?? {}));
    const versions = frameworks.map(
      (name) => `${name}@${packedManifest.peerDependencies?.[name] ?? 'latest'}`,
    );
    return [
      {
        name: manifest.name,
        group: 'ours',
        install: [tarball, ...needed.map((other) => other.tarball), ...versions],
        imports: [...frameworks, manifest.name],
      },
    ];
  });
}

/** The peers, at the versions they are measured with; each with what its own pages say that is installed beside it. */
export function peerInstallables(versions: Readonly<Record<string, string>>): Installable[] {
  const peer = (name: string, names: readonly string[], imports: readonly string[]): Installable => ({
    name,
    group: 'peers',
    install: names.map((one) => `${one}@${versions[one] ?? 'latest'}`),
    imports,
  });
  const v1 = '@modelcontextprotocol/sdk';
  const v2 = '@modelcontextprotocol/server';
  const v1Server = [`${v1}/server/mcp.js`, `${v1}/server/streamableHttp.js`];
  return [
    peer('SDK v1', [v1, 'zod'], v1Server),
    peer('SDK v1, express', [v1, 'zod', 'express'], ['express', ...v1Server]),
    peer('SDK v2 server', [v2, 'zod'], [v2]),
    peer(
      'SDK v2 server, node',
      [v2, '@modelcontextprotocol/node', 'zod'],
      [v2, '@modelcontextprotocol/node'],
    ),
    peer('fastmcp', ['fastmcp', 'zod'], ['fastmcp']),
    peer(
      '@hono/mcp',
      ['@hono/mcp', v1, 'hono', '@hono/node-server', 'zod'],
      ['hono', '@hono/mcp', v1Server[0] ?? v1],
    ),
    peer('mcp-handler', ['mcp-handler', v2, 'zod'], ['mcp-handler']),
    peer('fastify-mcp', ['fastify-mcp', v1, 'fastify', 'zod'], ['fastify', 'fastify-mcp', v1Server[0] ?? v1]),
  ];
}
