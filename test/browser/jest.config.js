import base from '../../jest.config.js';

/** For `npm run test:browser`: what is built, in Chromium. The database is the server's own. */
export default {
  ...base,
  rootDir: '../..',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/browser/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: undefined,
  globalTeardown: undefined,
  testTimeout: 180_000,
  maxWorkers: 1,
};
