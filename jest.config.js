// Tests run on the TypeScript sources; types are checked apart, by `npm run types`.
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  setupFiles: ['<rootDir>/test/setup.mjs'],
  // Slow tests run with SIPCAP_LONG=1 (npm run test:long).
  testPathIgnorePatterns: process.env.SIPCAP_LONG === undefined ? ['/node_modules/', '\\.long\\.test\\.ts$'] : ['/node_modules/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  maxWorkers: 2,
  testTimeout: 90000,
};
