import type Stripe from 'stripe';
import type { UndoRequest, UndoResult } from '#domain/payments/port.ts';
import { fromStripeAmount } from '#domain/payments/stripe-amounts.ts';
import { failure } from '../failure.ts';
import { classify, failureOf } from './classify-error.ts';
import type { StripeContext } from './context.ts';
import { expandIntent, findIntent, metadataKeys } from './find-lost.ts';
import { keyMayBeForgotten, looked } from './once.ts';
import { refundOnce } from './refund.ts';
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

/**
 * Gives back what was taken and not given back yet, and says how the payment stands then. Asked again after the answer was
 * lost, it finds nothing left; asked again after another refund has bounced, it gives back what that left.
 */
async function givenBack(context: StripeContext, request: UndoRequest, intent: Stripe.PaymentIntent): Promise<UndoResult> {
  const ours = (amount: number) => fromStripeAmount(amount, intent.currency);
  const [taken, before] = [intent.amount_received, refundedAmount(intent)];
  if (before >= taken) return { outcome: 'refunded', refundRef: '', captured: ours(taken), refunded: ours(before) };
  const attempt = `${before}-${await standing(context, request, intent)}`;
  const result = await refundOnce(context, {
    intentId: intent.id, mark: `${markOf(request)}/${attempt}`, amount: ours(taken - before), currency: intent.currency.toUpperCase(),
    key: `${request.idempotencyKey}/refund/${attempt}`, lookFirst: keyMayBeForgotten(request.requestedAt, context.now()),
    paymentId: request.paymentId, orderId: request.orderId,
  });
  if (result.outcome === 'failed' || result.outcome === 'canceled') {
    throw failure('ProviderBusy', `Payment ${intent.id} can't be given back: ${result.failureCode ?? result.outcome}`);
  }
  // What a repeated key answers was true once; what stands now is asked for.
  const now = await looked(() => context.client.paymentIntents.retrieve(intent.id, { expand: expandIntent }));
  const after = refundedAmount(now);
  if (after < now.amount_received) throw failure('ProviderBusy', `Refund ${result.refundRef} of payment ${intent.id} left ${now.amount_received - after} taken`);
  return { outcome: 'refunded', refundRef: result.refundRef, captured: ours(now.amount_received), refunded: ours(after) };
}

/**
 * How many refunds by which this payment was undone have stood. With what was given back before, it tells one attempt from
 * the next: repeated, an attempt meets the same numbers until its refund stands, and then there is nothing left. Should two
 * ever run at once, Stripe refuses the second: no refund gives back more than was taken.
 */
async function standing({ client }: StripeContext, request: UndoRequest, intent: Stripe.PaymentIntent): Promise<number> {
  return looked(async () => {
    let count = 0;
    for await (const { metadata, status } of client.refunds.list({ payment_intent: intent.id, limit: 100 })) {
      const ofUndo = metadata?.[metadataKeys.refund]?.startsWith(`${markOf(request)}/`);
      if (ofUndo && status !== 'failed' && status !== 'canceled') count += 1;
    }
    return count;
  });
}

function markOf({ paymentId }: UndoRequest): string {
  return `undo/${paymentId}`;
}
