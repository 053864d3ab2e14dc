import type { Cause } from '#domain/order/changes/change.ts';
import { attentionRaised, disputeSeen, paymentUndone, refundRecorded, refundUpdated } from '#domain/order/changes/endings.ts';
import { paymentSettled } from '#domain/order/changes/payments.ts';
import { disputeMoves } from '#domain/order/disputes.ts';
import { idFromUuid } from '#domain/ids.ts';
import { capturedTotal, isClosed, livePayment, openAuthorization, type OrderState, type PaymentState, type RefundState } from '#domain/order/state.ts';
import type { PaymentResult, RefundResult } from '#domain/payments/port.ts';
import { log, uuid4 } from '@temporalio/workflow';
import { providerPatiently, rows } from './activities.ts';
import { undo } from './end.ts';
import type { PaymentChanged } from './messages.ts';
import { currentPayment, paymentRef } from './pay.ts';
import type { OrderProcess } from './process.ts';

/**
 * A provider's event is a hint, never the truth: events come twice, late and out of order, so the provider is
 * asked how things stand, and only a difference is recorded. In the end the stored event is marked as applied;
 * unless the provider gave no answer: then it stays open, and the sweeper sends it again.
 */
export async function applyEvent(order: OrderProcess, event: PaymentChanged): Promise<void> {
  await order.inTurn(async () => {
    const applies = { webhookEventId: event.webhookEventId };
    const payment = order.exists ? order.state.payments.find(({ id }) => id === event.paymentId) : undefined;
    const found = payment ? await applyKind(order, payment, event, applies) : 'same';
    if (found === 'same') await rows.settleWebhookEvent({ scope: order.input.scope, ...applies, at: order.systemCause().at });
  });
}

type Applies = { webhookEventId: string };
/** What asking the provider brought. */
type Found = 'recorded' | 'same' | 'unanswered';

async function applyKind(order: OrderProcess, payment: PaymentState, event: PaymentChanged, applies: Applies): Promise<Found> {
  const cause: Cause = { ...order.systemCause(), actor: `provider:${payment.provider}` };
  switch (event.kind) {
    case 'payment':
      return applyPayment(order, payment, cause, applies);
    case 'refund':
      return applyRefund(order, payment, event, cause, applies);
    case 'dispute_opened':
    case 'dispute_closed': {
      const dispute = { ...event.dispute!, open: event.kind === 'dispute_opened' };
      if (!disputeMoves(order.state.disputes ?? [], dispute)) return 'same';
      await order.record(disputeSeen(order.state, dispute, payment.id, cause), applies);
      return 'recorded';
    }
  }
}

/** Asks how a payment stands and records what differs. */
export async function applyPayment(order: OrderProcess, payment: PaymentState, cause: Cause, applies?: Applies): Promise<Found> {
  const result = await lookedUp(order, () =>
    providerPatiently(`look up payment ${payment.attempt}`).retrievePayment(paymentRef(order.state, payment)),
  );
  if (!result) return 'unanswered';
  const current = currentPayment(order.state, payment);
  const standing = standsAfterAll(order.state, current, result);
  if (standing) return takeOrGiveBack(order, current, standing, cause, applies);
  if (!differs(current, result) && !turnedUpLate(order.state, current, result)) return 'same';
  await order.record(paymentSettled(order.state, current, result, cause), applies);
  if ((result.outcome === 'canceled' || result.outcome === 'captured') && lostItsCover(order.state)) {
    const detail = `The authorisation of payment ${payment.id} has ended at the provider. Ask for another payment, or cancel the order.`;
    await order.record(attentionRaised(order.state, { code: 'authorization_lapsed', since: cause.at, detail }, cause));
  }
  return 'recorded';
}

type Standing = Extract<PaymentResult, { outcome: 'authorized' | 'captured' }>;

/** An attempt that had failed stands after all: the customer tried the same one again, with another card. */
function standsAfterAll(state: OrderState, payment: PaymentState, result: PaymentResult): Standing | undefined {
  const given = ['declined', 'voided'].includes(payment.status) && payment.captured === 0;
  return !isClosed(state) && given && (result.outcome === 'authorized' || result.outcome === 'captured') ? result : undefined;
}

/** It pays the order if that still waits for money and its goods are still there; else it goes back. */
async function takeOrGiveBack(order: OrderProcess, payment: PaymentState, result: Standing, cause: Cause, applies?: Applies): Promise<Found> {
  if (order.state.status === 'pending' && !livePayment(order.state)) {
    const saved = await order.tryRecord(paymentSettled(order.state, payment, result, cause), applies);
    if (saved.outcome === 'saved') return 'recorded';
  }
  const standing = { ...payment, providerRef: result.providerRef };
  await order.record(paymentUndone(order.state, standing, await undo(order, standing), cause), applies);
  return 'recorded';
}

/** Never backwards: what is captured stays captured, what has ended stays ended. */
function differs(payment: PaymentState, result: PaymentResult): boolean {
  switch (result.outcome) {
    case 'authorized':
      return ['pending', 'requires_action', 'processing', 'unknown'].includes(payment.status);
    case 'captured':
      return result.capturedAmount > payment.captured || payment.status === 'authorized';
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

/** A payment that nobody found when its order was ended, and that was made after all. */
function turnedUpLate(state: OrderState, payment: PaymentState, result: PaymentResult): boolean {
  const given = payment.status === 'declined' || (payment.status === 'voided' && payment.providerRef === undefined);
  return isClosed(state) && result.outcome === 'authorized' && given;
}

/** A refund that has ended stays ended, except that a paid one may still bounce. */
function refundDiffers(known: RefundState['status'], found: RefundState['status']): boolean {
  if (known === 'pending') return found !== 'pending';
  return known === 'succeeded' && (found === 'failed' || found === 'canceled');
}

/** Asks the provider, for a day at most and unless the order is being cancelled; undefined = no answer. */
async function lookedUp<T>(order: OrderProcess, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await order.interruptible(ask);
  } catch (error) {
    // A handler that throws would end the order.
    log.warn('The provider gave no answer about an event', { error: String(error) });
    return undefined;
  }
}

function lostItsCover(state: OrderState): boolean {
  return ['confirmed', 'processing', 'on_hold'].includes(state.status) && !openAuthorization(state) && capturedTotal(state) < state.totals.total;
}

/** A refund's fate, or a refund made at the provider without us. */
async function applyRefund(order: OrderProcess, payment: PaymentState, event: PaymentChanged, cause: Cause, applies: Applies): Promise<Found> {
  const refundRef = event.refundRef!;
  const ref = { ...paymentRef(order.state, payment), refundRef };
  const result = await lookedUp(order, () => providerPatiently(`look up refund of payment ${payment.attempt}`).retrieveRefund(ref));
  if (!result) return 'unanswered';
  const known = order.state.refunds.find(({ providerRef }) => providerRef === refundRef);
  if (known) {
    if (!refundDiffers(known.status, result.outcome)) return 'same';
    await order.record(refundUpdated(order.state, known.id, result, cause), applies);
    return 'recorded';
  }
  if (exceedsBooks(currentPayment(order.state, payment), result)) {
    // Its capture is told by an event that is still to come, or that was lost.
    if ((await applyPayment(order, currentPayment(order.state, payment), cause)) === 'unanswered') return 'unanswered';
  }
  // Undoing a payment refunds without a refund of ours: that money is already booked.
  const booked = currentPayment(order.state, payment);
  if (booked.refunded >= booked.captured) return refundBounced(order, result, cause, applies);
  // One of ours that is not recorded yet (its answer is on its way, or was given up) keeps its id: whoever asked finds it.
  const ours = order.state.refunds.some(({ id }) => id === event.refundId) ? undefined : event.refundId;
  const refund = {
    id: ours ?? idFromUuid('refund', uuid4()), paymentId: payment.id, amount: result.amount, reason: 'made_at_provider', actor: cause.actor,
  };
  await order.record(refundRecorded(order.state, refund, result, [], cause), applies);
  return 'recorded';
}

/** More is given back than is known to have been taken. */
function exceedsBooks({ status, captured, refunded }: PaymentState, { amount }: RefundResult): boolean {
  return !['declined', 'voided'].includes(status) && refunded + amount > captured;
}

/** What undoing gave back has come back: the customer still waits for money that the books say he has. A person settles it. */
async function refundBounced(order: OrderProcess, { outcome, refundRef, failureCode }: RefundResult, cause: Cause, applies: Applies): Promise<Found> {
  // Stripe tells a failure by up to three events.
  if ((outcome !== 'failed' && outcome !== 'canceled') || order.state.attention?.code === 'refund_failed') return 'same';
  const detail = `Refund ${refundRef} at the provider, made in undoing a payment, failed (${failureCode ?? 'no code'}). Give the money back another way.`;
  await order.record(attentionRaised(order.state, { code: 'refund_failed', since: cause.at, detail }, cause), applies);
  return 'recorded';
}
