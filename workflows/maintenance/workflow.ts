import type { MaintenanceActivities } from '#activities/maintenance/create.ts';
import { proxyActivities, setWorkflowOptions } from '@temporalio/workflow';

const { sweep } = proxyActivities<MaintenanceActivities>({
  startToCloseTimeout: '5m',
  retry: { maximumAttempts: 3 },
  summary: 'take up what was left',
});

/** One sweep, started by the schedule. What fails is taken up by the next one. */
export async function sweeper(): Promise<{ commands: number; webhookEvents: number; failed: number }> {
  return sweep();
}

setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, sweeper);
