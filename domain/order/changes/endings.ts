import type { RefundResult, UndoResult } from '../../payments/port.ts';
import type { DisputeState } from '../disputes.ts';
import { refundEntries, reversed } from '../postings.ts';
import { refundedTotal, type Attention, type AttentionCode, type OrderState, type PaymentState, type RefundState } from '../state.ts';
import { moveTo } from '../transitions.ts';
import { change, type Cause, type Change } from './change.ts';
import { bookUndo, putPayment, releaseStock } from './payments.ts';

/** What nobody has to look at any more once the payments are undone. */
const mootAtTheEnd: readonly AttentionCode[] = [
  'capture_failed', 'payment_unknown', 'authorization_lapsing', 'authorization_lapsed', 'renewal_declined',
];

/** The order ends without delivery: payments undone, stock given back. */
export function orderEnded(
  state: OrderState,
  command: 'cancel' | 'expire',
  undone: readonly { payment: PaymentState; result: UndoResult }[],
  cause: Cause,
): Change {
  return change(state, command === 'cancel' ? 'order.cancelled' : 'order.expired', cause, (draft) => {
    const { state: order, step } = draft;
    order.status = moveTo(order, command, command === 'cancel' ? 'cancelled' : 'expired');
    if (cause.reason) order.reason = cause.reason;
    delete order.expiresAt;
    if (order.attention && mootAtTheEnd.includes(order.attention.code)) order.attention = null;
    for (const { payment, result } of undone) bookUndo(draft, payment, result);
    releaseStock(draft);
    step.event.data = { payments: undone.map(({ payment, result }) => ({ payment_id: payment.id, outcome: result.outcome })) };
    step.mails.push({ template: 'order_cancelled', data: { code: command === 'expire' ? 'expired' : (cause.reason ?? 'cancelled') } });
  });
}

/** A payment undone without ending the order (a declined renewal's predecessor, a lost attempt). */
export function paymentUndone(state: OrderState, payment: PaymentState, result: UndoResult, cause: Cause): Change {
  return change(state, 'payment.voided', cause, (draft) => {
    bookUndo(draft, payment, result);
    draft.step.event.data = { payment_id: payment.id, outcome: result.outcome };
  });
}

/** A refund as the provider took it; only a succeeded or pending one moves the books. */
export function refundRecorded(
  state: OrderState,
  refund: Omit<RefundState, 'status' | 'createdAt' | 'providerRef'>,
  result: RefundResult,
  perLine: readonly number[],
  cause: Cause,
): Change {
  return change(state, 'refund.created', cause, (draft) => {
    const { state: order, step } = draft;
    order.refunds.push({
      ...refund, providerRef: result.refundRef, status: result.outcome, createdAt: cause.at,
      ...(result.failureCode ? { failureCode: result.failureCode } : {}),
    });
    step.refunds.push(refund.id);
    step.event.data = { refund_id: refund.id, payment_id: refund.paymentId, amount: refund.amount, currency: order.currency, outcome: result.outcome };
    if (result.outcome === 'failed' || result.outcome === 'canceled') return;
    countUnits(order, perLine);
    if (result.outcome === 'succeeded') settle(draft, refund);
  });
}

/** A refund that the provider's event brought first is the one that was asked for: by whom, why, and for which units. */
export function refundClaimed(state: OrderState, refundId: string, asked: Pick<RefundState, 'reason' | 'actor' | 'lines'>, perLine: readonly number[], cause: Cause): Change {
  return change(state, 'refund.updated', cause, ({ state: order, step }) => {
    const refund = Object.assign(order.refunds.find(({ id }) => id === refundId)!, asked);
    step.refunds.push(refundId);
    step.event.data = { refund_id: refundId, from: refund.status, to: refund.status };
    if (refund.status === 'pending' || refund.status === 'succeeded') countUnits(order, perLine);
  });
}

/** At most all: since it was planned, another refund may have given back the same units. */
function countUnits(order: OrderState, perLine: readonly number[]): void {
  perLine.forEach((units, index) => {
    const line = order.lines[index]!;
    line.refunded = Math.min(line.quantity, line.refunded + units);
  });
}

/** What became of a pending refund, or of a succeeded one that failed after all. */
export function refundUpdated(state: OrderState, refundId: string, result: RefundResult, cause: Cause): Change {
  return change(state, 'refund.updated', cause, (draft) => {
    const { state: order, step } = draft;
    const refund = order.refunds.find(({ id }) => id === refundId)!;
    const before = refund.status;
    refund.status = result.outcome;
    if (result.failureCode) refund.failureCode = result.failureCode;
    step.refunds.push(refund.id);
    step.event.data = { refund_id: refund.id, from: before, to: result.outcome };
    if (before === 'pending' && result.outcome === 'succeeded') settle(draft, refund);
    const undone = result.outcome === 'failed' || result.outcome === 'canceled';
    if (undone && (before === 'pending' || before === 'succeeded')) takeBackUnits(order, refund);
    if (before === 'succeeded' && undone) {
      const payment = order.payments.find(({ id }) => id === refund.paymentId)!;
      step.postings.push({
        kind: 'refund_reversal', paymentId: payment.id, refundId, currency: order.currency,
        entries: reversed(refundEntries(order.totals, refundedTotal(order) - refund.amount, refund.amount)),
      });
      putPayment(draft, { ...payment, refunded: payment.refunded - refund.amount });
    }
    if (result.outcome === 'failed') {
      notice(order, { code: 'refund_failed', since: cause.at, detail: `Refund ${refundId} failed (${result.failureCode ?? 'no code'}).` });
      step.mails.push({ template: 'admin_notification', data: { code: 'refund_failed', refund_id: refundId } });
    }
  });
}

/** The units of a refund that came to nothing can be refunded again. */
function takeBackUnits(order: OrderState, refund: RefundState): void {
  for (const { sku, quantity } of refund.lines ?? []) {
    let open = quantity;
    for (const line of order.lines.filter((candidate) => candidate.sku === sku).reverse()) {
      const units = Math.min(open, line.refunded);
      line.refunded -= units;
      open -= units;
    }
  }
}

function settle(draft: { state: OrderState; step: Change['step'] }, refund: Pick<RefundState, 'id' | 'paymentId' | 'amount'>): void {
  const { state: order, step } = draft;
  const payment = order.payments.find(({ id }) => id === refund.paymentId)!;
  step.postings.push({
    kind: 'refund', paymentId: payment.id, refundId: refund.id, currency: order.currency,
    entries: refundEntries(order.totals, refundedTotal(order), refund.amount),
  });
  putPayment(draft, { ...payment, refunded: payment.refunded + refund.amount });
  step.mails.push({ template: 'refund_issued', data: { refund_id: refund.id, amount: refund.amount, currency: order.currency } });
}

/** A step that waits on an ended order is reached through its attention: no other takes its place before it has its answer. */
function notice(order: OrderState, attention: Attention): void {
  if (!order.attention?.by || order.attention.by === attention.by) order.attention = attention;
}

/** The order needs a person; `resolve` ends it. */
export function attentionRaised(state: OrderState, attention: Attention, cause: Cause): Change {
  return change(state, 'attention.raised', cause, ({ state: order, step }) => {
    notice(order, attention);
    step.event.data = { code: attention.code };
    step.mails.push({ template: 'admin_notification', data: { code: attention.code } });
  });
}

export function attentionResolved(state: OrderState, resolution: string, cause: Cause): Change {
  return change(state, 'attention.resolved', cause, ({ state: order, step }) => {
    step.event.data = { code: order.attention!.code, resolution };
    order.attention = null;
  });
}

/** An authorisation's coming end was announced to the merchant; it is not announced twice. */
export function lapseAnnounced(state: OrderState, payment: PaymentState, attention: Attention, cause: Cause): Change {
  return change(state, 'payment.lapse_announced', cause, ({ state: order, step }) => {
    order.lapseHandledFor = payment.id;
    order.attention = attention;
    step.event.data = { payment_id: payment.id, capture_before: payment.captureBefore };
    step.mails.push({ template: 'admin_notification', data: { code: attention.code, payment_id: payment.id } });
  });
}

/** The bank disputes a charge, or that has ended. */
export function disputeSeen(state: OrderState, dispute: DisputeState, paymentId: string, cause: Cause): Change {
  return change(state, 'payment.disputed', cause, ({ state: order, step }) => {
    const { ref, open } = dispute;
    order.disputes = [...(order.disputes ?? []).filter((other) => other.ref !== ref), dispute];
    order.disputed = order.disputes.some((other) => other.open);
    if (open) notice(order, { code: 'payment_disputed', since: cause.at, detail: `Payment ${paymentId} is disputed; answer the bank before its deadline.` });
    else if (!order.disputed && order.attention?.code === 'payment_disputed') order.attention = null;
    step.event.data = { payment_id: paymentId, dispute: ref, open };
    if (open) step.mails.push({ template: 'admin_notification', data: { code: 'payment_disputed', payment_id: paymentId } });
  });
}
