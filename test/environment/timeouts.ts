import { jest } from '@jest/globals';

/**
 * Jest's own 5 s are too few for a suite that starts a server or a whole system, and, on a machine that does other things
 * beside, for one that only computes. (A project's own `testTimeout` has no effect.)
 */
jest.setTimeout(60_000);
