import type Stripe from 'stripe';
import type { UndoRequest, UndoResult } from '#domain/payments/port.ts';
import { fromStripeAmount } from '#domain/payments/stripe-amounts.ts';
import { failure } from '../failure.ts';
import { classify, failureOf } from './classify-error.ts';
import type { StripeContext } from './context.ts';
import { expandIntent, findIntent } from './find-lost.ts';
import { keyMayBeForgotten, looked } from './once.ts';
import { findRefund, refundOnce, toRefundResult } from './refund.ts';
import { refundedAmount } from './result.ts';

/** Undoes a payment whatever became of it: nothing stays reserved or taken afterwards. */
export async function undo(context: StripeContext, request: UndoRequest): Promise<UndoResult> {
  const intent = await find(context, request);
  if (!intent) return { outcome: 'absent' };
  if (intent.status === 'processing') throw failure('ProviderBusy', `Payment ${intent.id} is being processed; it can't be undone yet`);
  const ended = intent.status === 'canceled' || intent.status === 'succeeded' ? intent : await canceled(context, request, intent);
  return ended.amount_received === 0 ? { outcome: 'voided' } : givenBack(context, request, ended);
}

/**
 * A payment that was never seen may still be on its way: the request that was given up may reach Stripe until its
 * time-out. Not found counts only when it is not found after that, too.
 */
async function find(context: StripeContext, request: UndoRequest): Promise<Stripe.PaymentIntent | undefined> {
  const found = await looked(() => findIntent(context, request));
  if (found) return found;
  await context.pause(context.settings.timeoutMs);
  return looked(() => findIntent(context, request));
}

async function canceled(context: StripeContext, request: UndoRequest, intent: Stripe.PaymentIntent): Promise<Stripe.PaymentIntent> {
  const { paymentIntents } = context.client;
  const cancel = (key: string) => paymentIntents.cancel(intent.id, { expand: expandIntent }, { idempotencyKey: `${request.idempotencyKey}/${key}` });
  try {
    return await cancel('cancel');
  } catch (error) {
    const verdict = classify(error);
    if (verdict.kind === 'failure') throw verdict.failure;
    // The intent decides: it may have been captured, or cancelled, meanwhile.
    const now = await looked(() => paymentIntents.retrieve(intent.id, { expand: expandIntent }));
    if (now.status === 'succeeded' || now.status === 'canceled') return now;
    // A stored 5xx, and still open. Cancelling does no harm when repeated, so a key of its own for each minute will do.
    if (verdict.kind === 'burned') return looked(() => cancel(`cancel/${Math.floor(context.now().getTime() / 60_000)}`));
    throw verdict.kind === 'refused' ? failure('ProviderBusy', `Payment ${intent.id} can't be cancelled: ${verdict.code}`) : failureOf(verdict);
  }
}

/** Gives back what was taken and not given back yet. Repeating it finds the same refund. */
async function givenBack(context: StripeContext, request: UndoRequest, intent: Stripe.PaymentIntent): Promise<UndoResult> {
  const mark = `undo/${request.paymentId}`;
  const left = intent.amount_received - refundedAmount(intent);
  if (left === 0) {
    const mine = await looked(() => findRefund(context.client, intent.id, mark));
    return { outcome: 'refunded', refundRef: mine?.id ?? '', amount: mine ? toRefundResult(mine).amount : 0 };
  }
  const result = await refundOnce(context, {
    intentId: intent.id, mark, amount: fromStripeAmount(left, intent.currency), currency: intent.currency.toUpperCase(), key: `${request.idempotencyKey}/refund`,
    lookFirst: keyMayBeForgotten(request.requestedAt, context.now()), paymentId: request.paymentId, orderId: request.orderId,
  });
  if (result.outcome === 'failed' || result.outcome === 'canceled') {
    throw failure('ProviderBusy', `Payment ${intent.id} can't be given back: ${result.failureCode ?? result.outcome}`);
  }
  return { outcome: 'refunded', refundRef: result.refundRef, amount: result.amount };
}
