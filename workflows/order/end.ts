import { orderEnded } from '#domain/order/changes/endings.ts';
import type { OrderState, PaymentState } from '#domain/order/state.ts';
import type { UndoResult } from '#domain/payments/port.ts';
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { providerPatiently, providerSoon } from './activities.ts';
import type { Command, CommandOutcome } from './messages.ts';
import { paymentRef } from './pay.ts';
import type { OrderProcess } from './process.ts';

/**
 * Ends an order that was not delivered: what was done is undone in reverse. The list of what to undo is the
 * state itself – a payment is in it before the provider is asked for it, stock is marked as held in the same
 * transaction that holds it – so nothing that began can be missed, whatever was interrupted.
 */
export async function endOrder(order: OrderProcess, command: 'cancel' | 'expire', by: Command, stillWanted = () => true): Promise<CommandOutcome> {
  // What will be refused must not cut short the capture of a further shipment.
  if (!order.refusal(command)) order.interrupt(stillWanted);
  return order.command(command, by, async () =>
    CancellationScope.nonCancellable(async () => {
      if (!stillWanted()) return order.done();
      const undone: { payment: PaymentState; result: UndoResult }[] = [];
      for (const payment of paymentsToUndo(order.state)) {
        undone.push({ payment, result: await undo(order, payment) });
      }
      await order.record(orderEnded(order.state, command, undone, order.cause(by, command)));
      return order.done();
    }),
  );
}

function paymentsToUndo(state: OrderState): PaymentState[] {
  return state.payments
    .filter(({ status, amount, captured, refunded }) => !['declined', 'voided'].includes(status) && amount > 0 && (status !== 'captured' || refunded < captured))
    .reverse();
}

/** Undoes a payment, whatever became of it. Retried soon, then for a day, then parked for an operator: a compensation is never swallowed. */
export async function undo(order: OrderProcess, payment: PaymentState): Promise<UndoResult> {
  // With what was given back before: a refund that bounces later leaves something to undo again, which is another attempt.
  const request = { ...paymentRef(order.state, payment), idempotencyKey: `${workflowInfo().workflowId}/undo/${payment.attempt}/${payment.refunded}` };
  const summary = `undo payment ${payment.attempt}`;
  try {
    return await providerSoon(summary).undoPayment(request);
  } catch {
    // Not known yet: asked again below with the same key, and shown if that does not help either.
  }
  for (;;) {
    try {
      return await providerPatiently(summary).undoPayment(request);
    } catch {
      const detail = `Payment ${payment.id} could not be voided or refunded for a day. Settle it at the provider, then retry or dismiss.`;
      if ((await order.operator.needPerson('void_failed', detail)) === 'dismiss') return { outcome: 'voided' };
    }
  }
}
