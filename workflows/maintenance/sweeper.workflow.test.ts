import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import type { MaintenanceActivities } from '#activities/maintenance/create.ts';
import { startTimeSkipping } from '#test/environment/index.ts';

let environment: TestWorkflowEnvironment;
beforeAll(async () => {
  environment = await startTimeSkipping();
});
afterAll(() => environment.teardown());

it('costs six events when nothing is left', async () => {
  let left = false;
  const activities: MaintenanceActivities = {
    isAnythingLeft: async () => left,
    sweep: async () => ({ commands: 1, webhookEvents: 2, failed: 0 }),
  };
  const taskQueue = 'sweeper';
  const worker = await Worker.create({
    connection: environment.nativeConnection, taskQueue, activities, workflowsPath: fileURLToPath(new URL('./workflow.ts', import.meta.url)),
  });
  const { workflow } = environment.client;
  await worker.runUntil(async () => {
    const idle = await workflow.start('sweeper', { taskQueue, workflowId: 'sweeper/idle' });
    expect(await idle.result()).toEqual({ commands: 0, webhookEvents: 0, failed: 0 });
    expect((await idle.fetchHistory()).events).toHaveLength(6);
    left = true;
    expect(await workflow.execute('sweeper', { taskQueue, workflowId: 'sweeper/busy' })).toMatchObject({ webhookEvents: 2 });
  });
});
