import { paymentUndone } from '#domain/order/changes/endings.ts';
import { paymentBegun } from '#domain/order/changes/payments.ts';
import { plusSeconds } from '#domain/order/deadlines.ts';
import { capturedTotal, livePayment, type PaymentState } from '#domain/order/state.ts';
import { isUncapturable } from '#domain/order/transitions.ts';
import { undo } from '../end.ts';
import { applyPayment } from '../events.ts';
import type { ConfirmCommand, PayCommand, PaymentOutcome, Rejection } from '../messages.ts';
import { outcomeOf, settlePayment } from '../pay.ts';
import { now, type OrderProcess } from '../process.ts';

/** Another payment for an order whose last one failed or lapsed, for what is not taken yet; its stock is held again first if it was given back. */
export async function payAgain(order: OrderProcess, command: PayCommand): Promise<PaymentOutcome | Rejection> {
  return order.once<PaymentOutcome | Rejection>('pay', async () => paidBefore(order, 'pay', command), () => begin(order, command));
}

/** A draft becomes an order; or the customer is back from authentication, and the provider is asked how it went. */
export async function confirmOrder(order: OrderProcess, command: ConfirmCommand): Promise<PaymentOutcome | Rejection> {
  return order.once<PaymentOutcome | Rejection>('confirm', async () => paidBefore(order, 'confirm', command), async (state) => {
    if (state.status === 'draft') return begin(order, command);
    const payment = livePayment(state);
    if (payment) await applyPayment(order, payment, order.cause(command));
    return outcomeOf(order.state);
  });
}

/** How the payment went that this command began, if it came before. */
function paidBefore(order: OrderProcess, name: 'pay' | 'confirm', command: PayCommand): PaymentOutcome | undefined {
  return order.wasApplied(name, command) ? outcomeOf(order.state, command.paymentId) : undefined;
}

async function begin(order: OrderProcess, command: PayCommand): Promise<PaymentOutcome> {
  // One that waits for its customer, or can't be captured, is given up for the new one: two must never stand side by side.
  const waiting = order.state.payments.findLast((payment) => payment.status === 'requires_action' || isUncapturable(order.state, payment));
  if (waiting) await order.record(paymentUndone(order.state, waiting, await undo(order, waiting), order.cause(command)));

  const { state } = order;
  const payment: PaymentState = {
    id: command.paymentId, attempt: state.payments.length + 1, connectionId: state.connection.id, provider: state.connection.provider,
    capabilities: state.connection.capabilities, status: 'pending', amount: state.totals.total - capturedTotal(state), authorized: 0, captured: 0, refunded: 0,
    requestedAt: now(),
    ...(command.paymentMethod ? { paymentMethod: command.paymentMethod } : {}),
    ...(command.saveMethod ? { saveMethod: true } : {}),
  };
  const expiresAt = plusSeconds(now(), state.settings.paymentWindowSeconds);
  const begun = await order.tryRecord(paymentBegun(state, payment, expiresAt, order.cause(command)));
  if (begun.outcome === 'out_of_stock') return { outcome: 'out_of_stock', orderId: state.id, shortages: begun.shortages };
  return settlePayment(order, payment);
}
