import type { Cause } from '#domain/order/changes/change.ts';
import { attentionRaised, disputeSeen, refundRecorded, refundUpdated } from '#domain/order/changes/endings.ts';
import { paymentSettled } from '#domain/order/changes/payments.ts';
import { idFromUuid } from '#domain/ids.ts';
import type { OrderState, PaymentState } from '#domain/order/state.ts';
import type { PaymentResult } from '#domain/payments/port.ts';
import { uuid4 } from '@temporalio/workflow';
import { providerPatiently, rows } from './activities.ts';
import type { PaymentChanged } from './messages.ts';
import { currentPayment, paymentRef } from './pay.ts';
import type { OrderProcess } from './process.ts';

/**
 * A provider's event is a hint, never the truth: events come twice, late and out of order, so the provider is
 * asked how things stand, and only a difference is recorded. In the end the stored event is marked as applied.
 */
export async function applyEvent(order: OrderProcess, event: PaymentChanged): Promise<void> {
  await order.inTurn(async () => {
    const applies = { webhookEventId: event.webhookEventId };
    const payment = order.exists ? order.state.payments.find(({ id }) => id === event.paymentId) : undefined;
    const recorded = payment ? await applyKind(order, payment, event, applies) : false;
    if (!recorded) await rows.settleWebhookEvent({ scope: order.input.scope, ...applies, at: order.systemCause().at });
  });
}

type Applies = { webhookEventId: string };

async function applyKind(order: OrderProcess, payment: PaymentState, event: PaymentChanged, applies: Applies): Promise<boolean> {
  const cause: Cause = { ...order.systemCause(), actor: `provider:${payment.provider}` };
  switch (event.kind) {
    case 'payment':
      return applyPayment(order, payment, cause, applies);
    case 'refund':
      return applyRefund(order, payment, event.refundRef!, cause, applies);
    case 'dispute_opened':
    case 'dispute_closed': {
      const open = event.kind === 'dispute_opened';
      if (order.state.disputed === open) return false;
      await order.record(disputeSeen(order.state, open, payment.id, cause), applies);
      return true;
    }
  }
}

/** Asks how a payment stands and records what differs. True when something was written. */
export async function applyPayment(order: OrderProcess, payment: PaymentState, cause: Cause, applies?: Applies): Promise<boolean> {
  const result = await providerPatiently(`look up payment ${payment.attempt}`).retrievePayment(paymentRef(order.state, payment));
  const current = currentPayment(order.state, payment);
  if (!differs(current, result)) return false;
  await order.record(paymentSettled(order.state, current, result, cause), applies);
  if (result.outcome === 'canceled' && lostItsCover(order.state)) {
    const detail = `The authorisation of payment ${payment.id} has ended at the provider. Ask for another payment, or cancel the order.`;
    await order.record(attentionRaised(order.state, { code: 'authorization_lapsed', since: cause.at, detail }, cause));
  }
  return true;
}

/** Never backwards: what is captured stays captured, what has ended stays ended. */
function differs(payment: PaymentState, result: PaymentResult): boolean {
  switch (result.outcome) {
    case 'authorized':
      return ['pending', 'requires_action', 'processing', 'unknown'].includes(payment.status);
    case 'captured':
      return result.capturedAmount > payment.captured;
    case 'requires_action':
    case 'processing':
      return payment.status !== result.outcome && ['pending', 'requires_action', 'unknown'].includes(payment.status);
    case 'declined':
    case 'canceled':
      return !['declined', 'voided', 'captured'].includes(payment.status);
    case 'absent':
      return false;
  }
}

function lostItsCover(state: OrderState): boolean {
  return ['confirmed', 'processing', 'on_hold'].includes(state.status) && state.paymentStatus === 'voided';
}

/** A refund's fate, or a refund made at the provider without us. */
async function applyRefund(order: OrderProcess, payment: PaymentState, refundRef: string, cause: Cause, applies: Applies): Promise<boolean> {
  const ref = { ...paymentRef(order.state, payment), refundRef };
  const result = await providerPatiently(`look up refund of payment ${payment.attempt}`).retrieveRefund(ref);
  const known = order.state.refunds.find(({ providerRef }) => providerRef === refundRef);
  if (known) {
    if (known.status === result.outcome) return false;
    await order.record(refundUpdated(order.state, known.id, result, cause), applies);
    return true;
  }
  // Undoing a payment refunds without a refund of ours: that money is already booked.
  const booked = currentPayment(order.state, payment);
  if (booked.refunded >= booked.captured) return false;
  const refund = {
    id: idFromUuid('refund', uuid4()), paymentId: payment.id, amount: result.amount, reason: 'made_at_provider', actor: cause.actor,
  };
  await order.record(refundRecorded(order.state, refund, result, [], cause), applies);
  return true;
}
