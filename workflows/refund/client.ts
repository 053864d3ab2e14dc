import { searchAttributes } from '#domain/names/search-attributes.ts';
import { taskQueues } from '#domain/names/task-queues.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import { answerOf, type Delivery, type NotKnown, type NotRunning } from '../order/client.ts';
import type { CommandOutcome } from '../order/messages.ts';
import { refunded, type RefundWorkflowInput } from './messages.ts';

/** Starts the refund of a closed order (or finds it) and waits for its outcome: one round trip. */
export async function deliverLateRefund(client: Client, input: RefundWorkflowInput, { updateId, timeoutMs }: Delivery): Promise<CommandOutcome | NotKnown | NotRunning> {
  const startWorkflowOperation = new WithStartWorkflowOperation<(input: RefundWorkflowInput) => Promise<CommandOutcome>>('refundWorkflow', {
    workflowId: workflowIds.refund(input.command.refundId),
    taskQueue: taskQueues.orders,
    args: [input],
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    staticSummary: `Refund of ${input.orderId}`,
    typedSearchAttributes: [
      { key: searchAttributes.tenant, value: input.scope.tenantId },
      { key: searchAttributes.mode, value: input.scope.livemode ? 'live' : 'test' },
    ],
  });
  return answerOf(() =>
    client.withDeadline(Date.now() + timeoutMs, () =>
      client.workflow.executeUpdateWithStart(refunded, { startWorkflowOperation, updateId }),
    ),
  );
}
