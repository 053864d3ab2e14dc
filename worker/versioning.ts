import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from '#platform/logger.ts';

export const deploymentName = 'perdura';

/**
 * Makes this build the current version of the deployment, so that it gets tasks: a versioned worker polls in vain
 * until then. The server knows a version only once its workers have polled, hence the tries.
 * @throws {Error} when the server does not accept the version within 30 seconds
 */
export async function setCurrentVersion(client: Client, namespace: string, buildId: string, logger: Logger, deployment = deploymentName): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace, deploymentName: deployment, buildId, ignoreMissingTaskQueues: true, identity: `worker@${process.pid}`,
      });
      logger.info({ deploymentName: deployment, buildId }, 'this build is the current version');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`Temporal does not accept build ${buildId} as current version`, { cause: error });
      await pause(250);
    }
  }
}
