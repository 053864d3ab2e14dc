import { searchAttributes } from '#domain/names/search-attributes.ts';
import { taskQueues } from '#domain/names/task-queues.ts';
import { workflowIds } from '#domain/names/workflow-ids.ts';
import type { TenantRef } from '#domain/tenant.ts';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { paymentChanged, type PaymentChanged } from '../order/messages.ts';

/** News about a payment, and whose order it is. */
export interface PaymentNews {
  scope: TenantRef;
  orderId: string;
  /** The order's workflow. */
  workflowId: string;
  news: PaymentChanged;
}

const deadlineMs = 5_000;

/**
 * Tells an order what its provider said; one that has ended gets a workflow of the event's own. Answers who was told.
 * Telling the same twice does no harm: whoever is told compares with what it knows.
 */
export function createOwnerTeller(client: Client): (news: PaymentNews) => Promise<string> {
  // The sweeper comes again: waiting for a server that is away helps nobody.
  const soon = <T>(call: () => Promise<T>) => client.withDeadline(Date.now() + deadlineMs, call);
  return async ({ scope, orderId, workflowId, news }) => {
    try {
      await soon(() => client.workflow.getHandle(workflowId).signal(paymentChanged, news));
      return workflowId;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    const late = workflowIds.latePaymentEvent(news.webhookEventId);
    await soon(() => client.workflow.start('latePaymentEvent', {
      workflowId: late,
      taskQueue: taskQueues.orders,
      args: [{ scope, orderId, event: news }],
      // An operator may re-drive an event whose workflow has ended.
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `Late ${news.kind} event of ${orderId}`,
      typedSearchAttributes: [
        { key: searchAttributes.tenant, value: scope.tenantId },
        { key: searchAttributes.mode, value: scope.livemode ? 'live' : 'test' },
      ],
    }));
    return late;
  };
}
