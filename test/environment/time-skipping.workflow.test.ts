import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { startTimeSkipping } from './index.ts';

describe('the time-skipping server', () => {
  let environment: TestWorkflowEnvironment;
  beforeAll(async () => {
    environment = await startTimeSkipping({ searchAttributes: [{ name: 'OrderStatus', type: 'Keyword' }] });
  });
  afterAll(() => environment.teardown());

  it('lets 30 days pass in seconds', async () => {
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue: 'time-skipping',
      workflowsPath: fileURLToPath(new URL('./fixtures/sleeper.ts', import.meta.url)),
    });
    const days = await worker.runUntil(
      environment.client.workflow.execute('sleeper', { taskQueue: 'time-skipping', workflowId: 'sleeper/1', args: [30] }),
    );
    expect(days).toBe(30);
  });
});
