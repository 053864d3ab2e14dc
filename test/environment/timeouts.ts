import { jest } from '@jest/globals';

/** Suites that start a server or a whole system need longer than jest's 5 s. (A project's own `testTimeout` has no effect.) */
jest.setTimeout(60_000);
