import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const NODE_GLOBALS = Object.fromEntries(['Buffer', 'URL', 'console', 'fetch', 'performance', 'process', 'setImmediate', 'setTimeout']
  .map((name) => [name, 'readonly']));

export default tseslint.config(
  {ignores: ['dist/', 'coverage/', 'mirror/', '.node24/', '.docs-run/']},
  js.configs.recommended,
  {files: ['**/*.js', '**/*.mjs'], languageOptions: {globals: NODE_GLOBALS}},
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {parserOptions: {projectService: true, tsconfigRootDir: import.meta.dirname}},
    linterOptions: {reportUnusedDisableDirectives: 'error'},
    rules: {
      'eqeqeq': 'error',
      'no-console': 'error',
      'no-restricted-syntax': ['error', {selector: 'ExportDefaultDeclaration', message: 'Named exports only.'}],
      '@typescript-eslint/consistent-type-imports': ['error', {fixStyle: 'inline-type-imports'}],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
      // Numbers and booleans in messages are fine.
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true, allowBoolean: true}],
      // Options are checked at run time too, for callers without types.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/class-literal-property-style': 'off',
      // Node's own objects are often used through a narrower type.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Hooks return `void | Promise<void>`: only real promises are awaited.
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', {ignoreArrowShorthand: true, ignoreVoidOperator: true}],
      '@typescript-eslint/no-unused-vars': ['error', {argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true}],
      // A seam is a method even when an implementation needs no `await`.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', {ignorePrimitives: true}],
    },
  },
  {
    files: ['spec/**/*.ts'],
    rules: {
      // chai: `expect(x).to.be.true`, and values of any type inside expectations.
      '@typescript-eslint/no-unused-expressions': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'require-yield': 'off',
    },
  },
  {files: ['spec/reporter/**', 'eslint.config.js'], rules: {'no-restricted-syntax': 'off'}},
  {files: ['src/cli/**', 'examples/**', 'spec/bench/**'], rules: {'no-console': 'off'}},
);
