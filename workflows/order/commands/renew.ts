import { paymentUndone } from '#domain/order/changes/endings.ts';
import { paymentSettled } from '#domain/order/changes/payments.ts';
import type { PaymentState } from '#domain/order/state.ts';
import { undo } from '../end.ts';
import { currentPayment } from '../pay.ts';
import type { OrderProcess } from '../process.ts';
import { chargeSavedMethod, recordFailedAttempt } from './provider.ts';

/**
 * A new authorisation of the saved method in place of one about to lapse; the old one is voided only after the
 * new one stands, so the goods are never without cover. True when it was renewed.
 */
export async function renewAuthorization(order: OrderProcess, old: PaymentState): Promise<boolean> {
  if (!old.savedMethod) return false;
  const { payment, result } = await chargeSavedMethod(order, old, old.authorized - old.captured, 'manual');
  if (typeof result === 'string') return false;
  if (result.outcome !== 'authorized') {
    await recordFailedAttempt(order, payment, result);
    return false;
  }
  await order.record(paymentSettled(order.state, payment, result, order.systemCause('authorization_renewed')));
  // Undoing gives back what was taken, too: of an authorisation captured in part, the rest is left to lapse by itself.
  const undone = old.captured > 0 ? ({ outcome: 'voided' } as const) : await undo(order, old);
  await order.record(paymentUndone(order.state, currentPayment(order.state, old), undone, order.systemCause('authorization_renewed')));
  return true;
}
