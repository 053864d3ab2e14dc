import type { CaptureResult, Decline, PaymentResult, UndoResult } from '../../payments/port.ts';
import { captureEntries, refundEntries, type Posting } from '../postings.ts';
import { combine } from '../shipping-plan.ts';
import { capturedTotal, promisedBack, refundedTotal, type AttentionCode, type OrderState, type PaymentState } from '../state.ts';
import { moveTo } from '../transitions.ts';
import { change, type Cause, type Change, type Draft } from './change.ts';

/** What nobody has to look at any more once a payment stands. */
const endedByMoney: readonly AttentionCode[] = ['payment_unknown', 'capture_failed', 'authorization_lapsing', 'authorization_lapsed', 'renewal_declined'];

/** Puts a payment into the draft, by id, and marks it as changed. */
export function putPayment({ state, step }: Draft, payment: PaymentState): void {
  const index = state.payments.findIndex((other) => other.id === payment.id);
  if (index < 0) state.payments.push(payment);
  else state.payments[index] = payment;
  if (!step.payments.includes(payment.id)) step.payments.push(payment.id);
}

/** Books money that a payment took: the payment, the ledger, the receipt. */
export function bookCapture(draft: Draft, payment: PaymentState, amount: number): PaymentState {
  const before = capturedTotal(draft.state);
  const total = payment.captured + amount;
  const authorized = Math.max(payment.authorized, total);
  // Without multicapture the provider releases what a capture leaves: nothing of the authorisation remains.
  const open = payment.capabilities.multicapture && total < authorized;
  const captured: PaymentState = { ...payment, status: open ? 'authorized' : 'captured', captured: total, authorized };
  putPayment(draft, captured);
  if (!open && draft.state.attention?.code === 'authorization_lapsing') draft.state.attention = null;
  if (amount > 0) {
    draft.step.postings.push({
      kind: 'capture', paymentId: payment.id, currency: draft.state.currency, entries: captureEntries(draft.state.totals, before, amount),
    });
    draft.step.mails.push({ template: 'payment_receipt', data: { payment_id: payment.id, amount, currency: draft.state.currency } });
  }
  return captured;
}

/** A payment attempt begins: known before the provider is asked, with its stock held (again, after a decline). */
export function paymentBegun(state: OrderState, payment: PaymentState, expiresAt: string, cause: Cause): Change {
  return change(state, 'payment.begun', cause, (draft) => {
    const { state: order, step } = draft;
    if (order.status === 'draft') order.status = moveTo(order, 'confirm', 'pending');
    order.expiresAt = expiresAt;
    if (!order.reserved) step.stock = { kind: 'hold', units: combine(order.lines), expiresAt };
    order.reserved = true;
    putPayment(draft, payment);
    step.event.data = { payment_id: payment.id, attempt: payment.attempt };
  });
}

/** The payment's outcome at the provider, applied to the attempt. What its card can't do narrows what the connection can; nothing widens it. */
function applied(payment: PaymentState, result: PaymentResult): PaymentState {
  switch (result.outcome) {
    case 'authorized':
      return {
        ...payment, status: 'authorized', providerRef: result.providerRef, authorized: result.authorizedAmount,
        ...(result.captureBefore ? { captureBefore: result.captureBefore } : {}),
        ...(result.multicapture === false ? { capabilities: { ...payment.capabilities, multicapture: false } } : {}),
        ...(result.savedMethod ? { savedMethod: result.savedMethod } : {}),
      };
    case 'captured':
      return {
        ...payment, providerRef: result.providerRef, authorized: Math.max(payment.authorized, result.capturedAmount),
        ...(result.savedMethod ? { savedMethod: result.savedMethod } : {}),
      };
    case 'requires_action':
      return { ...payment, status: 'requires_action', providerRef: result.providerRef, nextActionSealed: result.nextActionSealed };
    case 'processing':
      return { ...payment, status: 'processing', providerRef: result.providerRef };
    case 'declined': {
      const { outcome: _, providerRef, ...decline } = result;
      return { ...payment, status: 'declined', decline, ...(providerRef ? { providerRef } : {}) };
    }
    case 'canceled':
      return { ...payment, status: 'voided', providerRef: result.providerRef };
    case 'absent':
      return { ...payment, status: 'voided' };
  }
}

/**
 * A payment attempt's outcome: authorised or taken confirms a pending order; a decline gives its stock back and
 * leaves it open for another payment; an action or a delayed method lets it wait.
 */
export function paymentSettled(state: OrderState, payment: PaymentState, result: PaymentResult, cause: Cause): Change {
  const { nextActionSealed: _, decline: __, ...cleared } = payment;
  const next = applied(cleared, result);
  const failed = next.status === 'declined' || next.status === 'voided';
  const type =
    result.outcome === 'authorized' || result.outcome === 'captured'
      ? state.status === 'pending' ? 'order.confirmed' : result.outcome === 'captured' ? 'payment.captured' : 'payment.authorized'
      : failed ? (next.status === 'voided' ? 'payment.voided' : 'payment.declined')
      : result.outcome === 'requires_action' ? 'payment.requires_action' : 'payment.processing';
  return change(state, type, cause, (draft) => {
    const { state: order, step } = draft;
    step.event.data = { payment_id: payment.id, attempt: payment.attempt, ...declineData(next.decline) };
    putPayment(draft, next);
    // Of a payment that the provider calls captured, nothing is left to take.
    if (result.outcome === 'captured') putPayment(draft, { ...bookCapture(draft, next, result.capturedAmount - payment.captured), status: 'captured' });
    if (result.outcome === 'authorized' || result.outcome === 'captured') {
      if (order.attention && !order.attention.by && endedByMoney.includes(order.attention.code)) order.attention = null;
      if (order.status !== 'pending') return;
      order.status = moveTo(order, 'authorize', 'confirmed');
      delete order.expiresAt;
      // Given back when this payment had seemed lost: held again, or the whole change is refused.
      if (!order.reserved) step.stock = { kind: 'hold', units: combine(order.lines) };
      order.reserved = true;
      step.mails.unshift({ template: 'order_confirmation', data: {} });
    } else if (failed) {
      if (order.attention?.code === 'payment_unknown' && !order.attention.by) order.attention = null;
      if (order.status === 'pending') releaseStock(draft);
      step.mails.push({ template: 'payment_failed', data: { payment_id: payment.id, code: next.decline?.declineCode ?? next.decline?.code ?? 'canceled' } });
    } else if (result.outcome === 'requires_action') {
      step.mails.push({ template: 'action_required', data: { payment_id: payment.id } });
    }
  });
}

/** The provider does not answer: the order says so, and nothing else is tried until it is known. */
export function paymentUnknown(state: OrderState, payment: PaymentState, cause: Cause): Change {
  return change(state, 'payment.unknown', cause, (draft) => {
    draft.step.event.data = { payment_id: payment.id, attempt: payment.attempt };
    putPayment(draft, { ...payment, status: 'unknown' });
  });
}

/** Money taken from an authorisation, outside a shipment. */
export function paymentCaptured(state: OrderState, payment: PaymentState, result: Extract<CaptureResult, { outcome: 'captured' }>, cause: Cause): Change {
  return change(state, 'payment.captured', cause, (draft) => {
    const amount = result.capturedAmount - payment.captured;
    draft.step.event.data = { payment_id: payment.id, amount, currency: state.currency };
    bookCapture(draft, payment, amount);
  });
}

/** The authorisation has ended at the provider: what it has taken so far is booked and stays, and nothing more can be taken from it. */
export function authorizationEnded(state: OrderState, payment: PaymentState, capturedAmount: number, cause: Cause): Change {
  return change(state, 'payment.voided', cause, (draft) => {
    const booked = bookCapture(draft, payment, Math.max(0, capturedAmount - payment.captured));
    putPayment(draft, { ...booked, status: booked.captured > 0 ? 'captured' : 'voided' });
    draft.step.event.data = { payment_id: payment.id, outcome: 'ended', captured_amount: booked.captured };
  });
}

/**
 * An authorisation was voided, or what it took was given back, in undoing an order. The provider says how the payment stands
 * in all, and only what the books lack of that is booked: undoing again, or after a refund that was told late, adds nothing.
 */
export function bookUndo(draft: Draft, payment: PaymentState, result: UndoResult): void {
  if (result.outcome !== 'refunded') {
    // What was taken for goods already sent stays taken: only the rest of the authorisation is gone.
    putPayment(draft, { ...payment, status: payment.captured > 0 ? 'captured' : 'voided' });
    return;
  }
  // Money may have been taken without our seeing it (a cancelled capture): it is booked before it is given back.
  const unseen = Math.max(0, result.captured - payment.captured);
  // The provider counts a pending refund as given; the books do when it has succeeded.
  const given = Math.max(0, result.refunded - payment.refunded - promisedBack(draft.state, payment));
  const captured = payment.captured + unseen;
  const post = (kind: 'capture' | 'refund', entries: Posting['entries']) =>
    draft.step.postings.push({ kind, paymentId: payment.id, currency: draft.state.currency, entries });
  if (unseen > 0) post('capture', captureEntries(draft.state.totals, capturedTotal(draft.state), unseen));
  if (given > 0) post('refund', refundEntries(draft.state.totals, refundedTotal(draft.state), given));
  putPayment(draft, {
    ...payment, status: 'captured', captured, authorized: Math.max(payment.authorized, captured), refunded: payment.refunded + given,
  });
  if (given > 0) draft.step.mails.push({ template: 'refund_issued', data: { payment_id: payment.id, amount: given, currency: draft.state.currency } });
}

/** Gives held units back, once. */
export function releaseStock({ state, step }: Draft): void {
  if (!state.reserved) return;
  state.reserved = false;
  step.stock = { kind: 'release' };
}

export function declineData(decline: Decline | undefined): Record<string, string> {
  return decline ? { code: decline.code, ...(decline.declineCode ? { decline_code: decline.declineCode } : {}) } : {};
}
