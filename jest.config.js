/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/helpers/engine-environment.mjs',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // They need other programs: npm run test:instances, npm run test:browser, and TEST_DATABASE_URL.
  testPathIgnorePatterns: [
    '<rootDir>/test/instances/',
    '<rootDir>/test/browser/',
    ...(process.env['TEST_DATABASE_URL'] ? [] : ['<rootDir>/test/server/']),
  ],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: {
            legacyDecorator: true,
            decoratorMetadata: true,
            useDefineForClassFields: false,
          },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  setupFiles: ['reflect-metadata'],
  globalSetup: '<rootDir>/test/helpers/global-setup.mjs',
  globalTeardown: '<rootDir>/test/helpers/global-teardown.mjs',
  testTimeout: 60_000,
  maxWorkers: 2,
};
