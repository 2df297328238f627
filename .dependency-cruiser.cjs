/* The import law of ARCHITECTURE.md. Each rule says in its comment why it is there. */
const core = '^packages/core/src/';
const anyPart = ['hooks', 'keys', 'events', 'limits', 'errors', 'shared'];

/** The parts of core, and which other parts each may import besides those that any part may. */
const parts = {
  tokens: [],
  auth: ['tokens'],
  tenants: ['sessions', 'stateless', 'servers'],
  sessions: ['servers'],
  stateless: ['servers'],
  servers: [],
  config: [],
};

const partRules = Object.entries(parts).map(([part, others]) => ({
  name: `core-${part}`,
  comment: 'Parts of core import only what the law names, so that each can be read and replaced alone.',
  severity: 'error',
  from: { path: `${core}${part}/` },
  to: { path: core, pathNot: `${core}(${[part, ...others, ...anyPart].join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...partRules,
    {
      name: 'no-cycles',
      comment: 'A cycle cannot be read from top to bottom.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'leaves',
      comment: 'shared/ and errors/ import only each other.',
      severity: 'error',
      from: { path: `${core}(shared|errors)/` },
      to: { path: core, pathNot: `${core}(shared|errors)/` },
    },
    {
      name: 'events-keys-limits',
      comment: 'What any part may import must itself import nothing but leaves.',
      severity: 'error',
      from: { path: `${core}(events|keys|limits)/` },
      to: { path: core, pathNot: `${core}(events|keys|limits|shared|errors)/` },
    },
    {
      name: 'only-handle-knows-the-stages',
      comment: 'The order of a request lives in one file.',
      severity: 'error',
      from: { path: core, pathNot: `${core}(handle\\.ts|stages/)` },
      to: { path: `${core}stages/` },
    },
    {
      name: 'tenants-are-for-stages-and-the-root',
      comment: 'Only stages and the composition root import tenants.',
      severity: 'error',
      from: { path: `${core}[a-z-]+/`, pathNot: `${core}(tenants|stages|per-bearer)/` },
      to: { path: `${core}tenants/` },
    },
    {
      name: 'core-stands-alone',
      comment: 'Core runs wherever the web standards do: no package of ours, no Node built-in.',
      severity: 'error',
      from: { path: core },
      to: { path: '^(packages/(?!core/)|node:)' },
    },
    {
      name: 'core-needs-no-node',
      comment: 'Core runs wherever the web standards do.',
      severity: 'error',
      from: { path: core },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'adapters-use-names',
      comment: 'Staying on the public entry is what lets others write adapters.',
      severity: 'error',
      from: { path: '^packages/(adapter-[a-z]+|testing)/' },
      to: { path: '^packages/core/src/(?!(per-bearer/)?index\\.ts)' },
    },
    {
      name: 'adapters-do-not-know-each-other',
      comment: 'What two adapters need belongs in core or in adapter-node.',
      severity: 'error',
      from: { path: '^packages/(adapter-[a-z]+)/' },
      to: { path: '^packages/adapter-', pathNot: '^packages/($1|adapter-node)/' },
    },
    {
      name: 'testing-knows-core-only',
      comment: 'The suites prove adapters, also those of others: they must not lean on one of ours.',
      severity: 'error',
      from: { path: '^packages/testing/' },
      to: { path: '^packages/(?!(core|testing)/)' },
    },
    {
      name: 'not-to-unlisted',
      comment: 'A package names what it imports.',
      severity: 'error',
      from: { path: '^packages/[a-z-]+/src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'default', 'types'] },
  },
};
