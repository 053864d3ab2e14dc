import { paymentUndone } from '#domain/order/changes/endings.ts';
import { promisedBack } from '#domain/order/state.ts';
import type { TenantRef } from '#domain/tenant.ts';
import { setWorkflowOptions } from '@temporalio/workflow';
import { rows } from '../order/activities.ts';
import { isNotClosed, withClosedOrder } from '../order/closed.ts';
import { undo } from '../order/end.ts';
import { applyEvent } from '../order/events.ts';
import type { PaymentChanged } from '../order/messages.ts';
import { currentPayment } from '../order/pay.ts';

export interface LatePaymentEventInput {
  scope: TenantRef;
  orderId: string;
  event: PaymentChanged;
}

/**
 * A provider's event for an order whose own workflow has ended: a refund made at the provider, a dispute, or money
 * that arrives for an order that was given up – which goes straight back.
 */
export async function latePaymentEvent({ event, ...input }: LatePaymentEventInput): Promise<void> {
  try {
    await apply(event, input);
  } catch (error) {
    if (!isNotClosed(error)) throw error;
    const reason = 'The workflow of its order is gone, though the order has not ended: bring it back (temporal workflow reset), then re-drive this event';
    await rows.leaveWebhookEvent({ scope: input.scope, webhookEventId: event.webhookEventId, reason });
  }
}

async function apply(event: PaymentChanged, input: Omit<LatePaymentEventInput, 'event'>): Promise<void> {
  await withClosedOrder(input, async (order) => {
    await applyEvent(order, event);
    if (!['cancelled', 'expired'].includes(order.state.status)) return;
    // What a pending refund has promised is on its way back already.
    const stray = order.state.payments.find((payment) => payment.status === 'authorized' || payment.captured > payment.refunded + promisedBack(order.state, payment));
    if (!stray) return;
    const undone = await undo(order, stray);
    await order.record(paymentUndone(order.state, currentPayment(order.state, stray), undone, order.systemCause('payment_after_close')));
  });
}

setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, latePaymentEvent);
