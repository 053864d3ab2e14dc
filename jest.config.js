/** Three suites by file name, so that a newcomer knows what a test needs before opening it. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }],
  },
  testPathIgnorePatterns: ['/node_modules/', '/.perdura/'],
  modulePathIgnorePatterns: ['<rootDir>/.perdura/'],
};

export default {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: [...shared.testPathIgnorePatterns, '\\.(int|workflow|e2e)\\.test\\.ts$'],
    },
    { ...shared, displayName: 'workflow', testMatch: ['**/*.workflow.test.ts'] },
    { ...shared, displayName: 'integration', testMatch: ['**/*.int.test.ts'] },
    { ...shared, displayName: 'e2e', testMatch: ['**/*.e2e.test.ts'] },
  ],
  coverageProvider: 'v8',
  collectCoverageFrom: ['{domain,workflows,activities,api,entities,platform,sandbox}/**/*.ts', '!**/*.test.ts'],
};
