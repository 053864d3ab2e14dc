/** Three suites by file name, so that a newcomer knows what a test needs before opening it. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  testPathIgnorePatterns: ['/node_modules/', '/.perdura/'],
  modulePathIgnorePatterns: ['<rootDir>/.perdura/'],
  setupFilesAfterEnv: ['<rootDir>/test/environment/timeouts.ts'],
};

/** Started when the first test asks: see test/environment/. */
const environment = {
  globalSetup: '<rootDir>/test/environment/setup.ts',
  globalTeardown: '<rootDir>/test/environment/teardown.ts',
};

export default {
  // Much of a test's time is waiting, so two at once pay on two cores; the end-to-end files take turns at their one system.
  maxWorkers: 2,
  // A process keeps every module of every suite that it has run, and coverage is taken over all of them each time: late
  // suites took five times as long as alone. A fresh process now and then keeps that small; it halved the whole run.
  workerIdleMemoryLimit: '700MB',
  testSequencer: '<rootDir>/test/environment/sequencer.js',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: [...shared.testPathIgnorePatterns, '\\.(int|workflow|e2e)\\.test\\.ts$'],
    },
    { ...shared, ...environment, displayName: 'workflow', testMatch: ['**/*.workflow.test.ts'] },
    { ...shared, ...environment, displayName: 'integration', testMatch: ['**/*.int.test.ts'] },
    { ...shared, ...environment, displayName: 'e2e', testMatch: ['**/*.e2e.test.ts'] },
  ],
  coverageProvider: 'v8',
  collectCoverageFrom: ['{domain,workflows,activities,api,entities,platform,sandbox}/**/*.ts', '!**/*.test.ts'],
};
