import type { Client, WorkflowHandle } from '@temporalio/client';
import { taskQueues } from '#domain/names/task-queues.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import type { DispatcherInput } from './messages.ts';

export interface StartDispatcherOptions {
  input?: DispatcherInput;
  /** For tests that share a Temporal server. */
  taskQueue?: string;
  workflowId?: string;
}

/** Starts the dispatcher unless it runs. Every worker calls this at its start; all of them share the one workflow. */
export async function startDispatcher(client: Client, options: StartDispatcherOptions = {}): Promise<WorkflowHandle> {
  return client.workflow.start('outboxDispatcher', {
    workflowId: options.workflowId ?? workflowIds.outbox(),
    taskQueue: options.taskQueue ?? taskQueues.outbox,
    args: [options.input ?? {}],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: 'Outbox dispatcher',
    staticDetails: 'Sends the mails that orders announce, for all tenants. One is enough; it moves to another worker when its worker dies.',
  });
}
