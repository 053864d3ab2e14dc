import { paymentUndone } from '#domain/order/changes/endings.ts';
import { paymentSettled } from '#domain/order/changes/payments.ts';
import type { PaymentState } from '#domain/order/state.ts';
import { workflowInfo } from '@temporalio/workflow';
import { providerPatiently } from '../activities.ts';
import { currentPayment, paymentRef } from '../pay.ts';
import type { OrderProcess } from '../process.ts';
import { chargeSavedMethod, recordFailedAttempt } from './provider.ts';

/**
 * A new authorisation of the saved method in place of one about to lapse; the old one is voided only after the
 * new one stands, so the goods are never without cover. True when it was renewed.
 */
export async function renewAuthorization(order: OrderProcess, old: PaymentState): Promise<boolean> {
  if (!old.savedMethod) return false;
  const { payment, result } = await chargeSavedMethod(order, old, old.authorized - old.captured, 'manual');
  if (result === 'interrupted') return false;
  if (result.outcome !== 'authorized') {
    await recordFailedAttempt(order, payment, result);
    return false;
  }
  await order.record(paymentSettled(order.state, payment, result, order.systemCause('authorization_renewed')));
  const request = { ...paymentRef(order.state, old), idempotencyKey: `${workflowInfo().workflowId}/undo/${old.attempt}` };
  const undone = await providerPatiently(`void payment ${old.attempt}, renewed`).undoPayment(request);
  await order.record(paymentUndone(order.state, currentPayment(order.state, old), undone, order.systemCause('authorization_renewed')));
  return true;
}
