import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const clock = [
  {
    selector: "CallExpression[callee.object.name='Date'][callee.property.name='now']",
    message: 'Only base/clock.ts asks for the time: have it handed in.',
  },
  {
    selector: "CallExpression[callee.object.name='performance'][callee.property.name='now']",
    message: 'Only base/clock.ts asks for the time: have it handed in.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Only base/clock.ts asks for the time: have it handed in.',
  },
];

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'node_modules/', 'coverage/', 'bench/.peers/', 'completion/', '.sipcap/'] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...clock, { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' }],
      'max-lines': ['error', 300],
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  { files: ['src/lib/base/clock.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['src/commands/**/*.ts', 'src/hooks/**/*.ts', 'src/help/help.ts'], rules: { 'no-restricted-syntax': ['error', ...clock] } },
  {
    files: ['scripts/**/*.mjs', 'native/**/*.mjs', 'bench/**/*.mjs', 'bin/**/*.js', '*.js', 'test/**/*.mjs'],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        setImmediate: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        clearTimeout: 'readonly',
      },
    },
  },
);
