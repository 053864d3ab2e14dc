import type { DatabaseAddress } from './services.ts';

export { testNamespace } from './services.ts';
export { quietRuntime, startTimeSkipping } from './time-skipping.ts';

export interface TestDatabase extends DatabaseAddress {
  drop(): Promise<void>;
}

/**
 * A fresh, migrated, empty database for one suite: copied from a template in about 50 ms, so that suites can't see each
 * other's rows. Postgres is started when the first suite asks. Call `drop()` in `afterAll`.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const database = (await ask('/databases')) as DatabaseAddress;
  return { ...database, drop: async () => void (await ask('/databases/drop', database.name)) };
}

/**
 * `host:port` of the Temporal development server that all suites share (namespace `testNamespace`), started when the
 * first suite asks. Use a task queue and workflow ids of your own.
 */
export async function temporalAddress(): Promise<string> {
  return (await ask('/temporal')) as string;
}

async function ask(path: string, body = ''): Promise<unknown> {
  const base = process.env.PERDURA_TEST_SERVICES;
  if (!base) {
    throw new Error('PERDURA_TEST_SERVICES is not set: name the test *.int.test.ts, *.workflow.test.ts or *.e2e.test.ts.');
  }
  const response = await fetch(new URL(path, base), { method: 'POST', body });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
}
