import { taskQueues } from '#domain/names/task-queues.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client, type ScheduleOptions } from '@temporalio/client';

const schedule = {
  scheduleId: workflowIds.sweeper(),
  spec: { intervals: [{ every: '15s' }] },
  policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
  action: { type: 'startWorkflow', workflowType: 'sweeper', workflowId: workflowIds.sweeper(), taskQueue: taskQueues.maintenance },
} satisfies ScheduleOptions;

/** Makes the schedules what this code says, whether they exist or not. Every worker calls this at its start. */
export async function ensureSchedules(client: Client): Promise<void> {
  try {
    await client.schedule.create(schedule);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { spec, policies, action } = schedule;
    await client.schedule.getHandle(schedule.scheduleId).update(({ state }) => ({ spec, policies, action, state }));
  }
}
