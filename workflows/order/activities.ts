import type { PaymentActivities } from '#domain/payments/port.ts';
import { taskQueues } from '#domain/names/task-queues.ts';
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { OrderActivities } from '#activities/orders/contract.ts';

/**
 * Row work: one short transaction each, as local activities (a marker instead of three events). Fenced by
 * (workflow id, seq), so that repeating one writes nothing twice. Tried until Postgres is back.
 */
export const rows = proxyLocalActivities<OrderActivities>({
  startToCloseTimeout: '20s',
  localRetryThreshold: '10s',
  retry: { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: '30s' },
});

/** Row work that the order can do without. */
export const rowsOnce = proxyLocalActivities<OrderActivities>({ startToCloseTimeout: '20s', retry: { maximumAttempts: 3 } });

/**
 * The provider, as long as someone waits for the answer: four tries within the ten seconds that a client
 * is made to wait.
 */
export function providerSoon(summary: string): PaymentActivities {
  return proxyActivities<PaymentActivities>({
    taskQueue: taskQueues.payments,
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: '2m',
    retry: { initialInterval: '300ms', backoffCoefficient: 3, maximumAttempts: 4 },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    summary,
  });
}

/** The provider, when nobody waits any more: the same question with the same key, patiently, for a day. */
export function providerPatiently(summary: string): PaymentActivities {
  return proxyActivities<PaymentActivities>({
    taskQueue: taskQueues.payments,
    startToCloseTimeout: '90s',
    scheduleToCloseTimeout: '1d',
    retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '5m' },
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    summary,
  });
}
