import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { TimeSkippingTestWorkflowEnvironmentOptions } from '@temporalio/testing';
import { timeSkippingExecutable } from '#scripts/parts/time-skipping-server.ts';
import { silentReporter } from '#scripts/parts/progress.ts';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { indexedValueType } from '#scripts/parts/temporal.ts';
import type { SearchAttribute } from '#scripts/parts/temporal.ts';

/** Makes workers of this process log warnings only; has no effect once a runtime is installed. */
export function quietRuntime(): void {
  try {
    Runtime.install({ logger: new DefaultLogger('WARN') });
  } catch {
    // A suite that installed its own runtime keeps it.
  }
}

export interface TimeSkippingOptions {
  /** The client's options, e.g. `{ dataConverter }`. */
  client?: TimeSkippingTestWorkflowEnvironmentOptions['client'];
  /** Registered before the first workflow: this server refuses attributes that it does not know. */
  searchAttributes?: SearchAttribute[];
}

/**
 * Starts a Temporal test server whose clock skips to the next timer while a test awaits a result. The caller calls
 * `teardown()`. It has no list or count, schedules or worker versioning: those are tested on the dev server.
 */
export async function startTimeSkipping(options: TimeSkippingOptions = {}): Promise<TestWorkflowEnvironment> {
  quietRuntime();
  const path = process.env.PERDURA_TEST_SERVER || (await timeSkippingExecutable(silentReporter));
  const start = () =>
    TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: path === 'sdk' ? { type: 'cached-download' } : { type: 'existing-path', path } },
      ...(options.client ? { client: options.client } : {}),
    });
  // The SDK gives the server five seconds, in which a JVM on a busy machine may not be up.
  const environment = await start().catch(start).catch(start);
  if (options.searchAttributes?.length) {
    await environment.connection.operatorService.addSearchAttributes({
      namespace: environment.namespace ?? 'default',
      searchAttributes: Object.fromEntries(options.searchAttributes.map(({ name, type }) => [name, indexedValueType(type)])),
    });
  }
  return environment;
}
