import { taskQueues } from '#domain/names/task-queues.ts';
import { createDataConverter } from '#platform/temporal.ts';
import type { KeyRing } from '#platform/keyring.ts';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { WorkflowBundle } from './bundle.ts';
import { deploymentName } from './versioning.ts';

/** What the workers of one process share. */
export interface WorkerParts {
  connection: NativeConnection;
  namespace: string;
  keyRing: KeyRing;
  bundle: WorkflowBundle;
  /** The activities of each queue; local activities belong to the queue of their workflow. */
  activities: Record<keyof typeof taskQueues, object>;
  /** Provider calls per second over all workers of the cluster: the provider's limit is per account. */
  providerCallsPerSecond: number;
}

/** Tuning of the two queues that orders run on; the bench's do-nothing twin runs with the same. */
export const orderWorkerTuning = {
  maxConcurrentWorkflowTaskExecutions: 40, maxConcurrentLocalActivityExecutions: 40, maxCachedWorkflows: 1000, enableNonLocalActivities: false,
} satisfies Partial<WorkerOptions>;
export const paymentWorkerTuning = { maxConcurrentActivityTaskExecutions: 40 } satisfies Partial<WorkerOptions>;

/** One worker per task queue. Slots are fixed numbers, found by measurement on two cores (docs/architecture.md). */
export async function createWorkers(parts: WorkerParts): Promise<Worker[]> {
  const shared = {
    connection: parts.connection,
    namespace: parts.namespace,
    dataConverter: createDataConverter(parts.keyRing),
    shutdownGraceTime: '20s',
    shutdownForceTime: '40s',
  } satisfies Partial<WorkerOptions>;
  const withWorkflows = {
    ...shared,
    workflowBundle: { code: parts.bundle.code },
    workerDeploymentOptions: {
      version: { deploymentName, buildId: parts.bundle.buildId },
      useWorkerVersioning: true,
      defaultVersioningBehavior: 'AUTO_UPGRADE',
    },
  } satisfies Partial<WorkerOptions>;
  return Promise.all([
    Worker.create({
      ...withWorkflows, ...orderWorkerTuning, taskQueue: taskQueues.orders, activities: parts.activities.orders,
    }),
    // No workflows here, so no versions: whoever has the activity may run it.
    Worker.create({
      ...shared, ...paymentWorkerTuning, taskQueue: taskQueues.payments, activities: parts.activities.payments,
      maxTaskQueueActivitiesPerSecond: parts.providerCallsPerSecond,
    }),
    Worker.create({
      ...withWorkflows, taskQueue: taskQueues.outbox, activities: parts.activities.outbox,
      // The dispatcher works on until it is cancelled, then ends at once with what is under way: grace would only delay a stop.
      shutdownGraceTime: 0,
      maxConcurrentWorkflowTaskExecutions: 2, maxConcurrentActivityTaskExecutions: 4, maxCachedWorkflows: 5,
    }),
    Worker.create({
      ...withWorkflows, taskQueue: taskQueues.maintenance, activities: parts.activities.maintenance,
      maxConcurrentWorkflowTaskExecutions: 4, maxConcurrentActivityTaskExecutions: 8, maxCachedWorkflows: 50,
    }),
  ]);
}
