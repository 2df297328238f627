import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const MAX_LINES = { max: 250, skipBlankLines: true, skipComments: true };

const NOT_IN_CORE = [
  'process',
  'Buffer',
  'console',
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'performance',
  'crypto',
].map((name) => ({ name, message: 'Core takes time, timers, randomness and output from its options.' }));

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/coverage/**',
      '**/node_modules/**',
      '**/.packed/**',
      'scripts/publishing/consumers/**',
    ],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines': ['error', MAX_LINES],
      'max-params': ['error', 4],
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportDefaultDeclaration',
          message: 'Exports have names, so that they are called the same everywhere.',
        },
        {
          selector: "CallExpression[callee.property.name='includes'][arguments.0.value='application/json']",
          message: 'Compare the parsed media type: mediaTypeOf(value) === "application/json".',
        },
      ],
    },
  },
  {
    files: ['packages/core/src/**/*.ts'],
    ignores: ['packages/core/src/shared/platform.ts'],
    rules: { 'no-restricted-globals': ['error', ...NOT_IN_CORE] },
  },
  { files: ['packages/core/src/shared/platform.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['examples/**/*.ts', 'scripts/**/*.ts', 'benchmarks/src/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/test/**/*.ts', 'tests/**/*.ts'],
    rules: {
      'max-lines': ['error', { ...MAX_LINES, max: 500 }],
      // Servers of SDK v1 are tested the way their users still write them.
      '@typescript-eslint/no-deprecated': 'off',
    },
  },
  {
    files: ['**/*.config.ts', '**/*.config.mjs', 'tsup.base.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { module: 'writable' } },
  },
  {
    files: ['benchmarks/candidates/**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        Buffer: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        setImmediate: 'readonly',
      },
    },
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
);
