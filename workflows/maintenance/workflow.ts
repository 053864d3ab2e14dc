import type { MaintenanceActivities, SweepReport } from '#activities/maintenance/create.ts';
import { proxyActivities, proxyLocalActivities, setWorkflowOptions } from '@temporalio/workflow';

const { isAnythingLeft } = proxyLocalActivities<MaintenanceActivities>({
  startToCloseTimeout: '10s',
  retry: { maximumAttempts: 3 },
});

const { sweep } = proxyActivities<MaintenanceActivities>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: '15s',
  retry: { maximumAttempts: 3 },
  summary: 'take up what was left',
});

/** One sweep, started by the schedule. What fails is taken up by the next one. An idle sweep is six events. */
export async function sweeper(): Promise<SweepReport> {
  return (await isAnythingLeft()) ? sweep() : { commands: 0, webhookEvents: 0, failed: 0 };
}

setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, sweeper);
