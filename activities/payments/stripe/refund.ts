import type Stripe from 'stripe';
import type { RefundRequest, RefundResult } from '#domain/payments/port.ts';
import { fromStripeAmount, toStripeAmount } from '#domain/payments/stripe-amounts.ts';
import type { StripeContext } from './context.ts';
import { metadataKeys } from './find-lost.ts';
import { isVerdict, keyMayBeForgotten, looked, once } from './once.ts';

/** One refund as it is asked for. */
export interface RefundOrder {
  intentId: string;
  /** Our id of this refund: marks it in Stripe's metadata. */
  mark: string;
  /** Minor units by ISO 4217, not Stripe's. */
  amount: number;
  currency: string;
  key: string;
  lookFirst: boolean;
  paymentId: string;
  orderId: string;
}

/**
 * Gives money back, once. A refund that Stripe refuses (already refunded, disputed) has failed with Stripe's code and has
 * no `refundRef` (empty).
 */
export async function refund(context: StripeContext, request: RefundRequest): Promise<RefundResult> {
  return refundOnce(context, {
    intentId: request.providerRef,
    mark: request.refundId,
    amount: request.amount,
    currency: request.currency,
    key: request.idempotencyKey,
    // The payment is older than the refund: looking once too often costs one call.
    lookFirst: keyMayBeForgotten(request.requestedAt, context.now()),
    paymentId: request.paymentId,
    orderId: request.orderId,
  });
}

/** Makes one refund marked with an id of ours, or finds it. */
export async function refundOnce({ client }: StripeContext, order: RefundOrder): Promise<RefundResult> {
  const amount = toStripeAmount(order.amount, order.currency);
  if (amount === undefined) return { outcome: 'failed', refundRef: '', amount: order.amount, failureCode: 'amount_not_chargeable' };
  const find = () => findRefund(client, order.intentId, order.mark);
  const answer = await once<Stripe.Refund>({
    key: order.key,
    lookFirst: order.lookFirst,
    find,
    send: (options) =>
      client.refunds.create(
        {
          payment_intent: order.intentId,
          amount,
          metadata: { [metadataKeys.refund]: order.mark, [metadataKeys.payment]: order.paymentId, [metadataKeys.order]: order.orderId },
        },
        options,
      ),
  });
  if (!isVerdict(answer)) return toRefundResult(answer);
  const found = await looked(find);
  if (found) return toRefundResult(found);
  const failureCode = answer.kind === 'declined' ? answer.decline.code : answer.code;
  return { outcome: 'failed', refundRef: '', amount: order.amount, failureCode };
}

/** The refund of a payment that carries our mark. */
export async function findRefund(client: Stripe, intentId: string, mark: string): Promise<Stripe.Refund | undefined> {
  for await (const refund of client.refunds.list({ payment_intent: intentId, limit: 100 })) {
    if (refund.metadata?.[metadataKeys.refund] === mark) return refund;
  }
  return undefined;
}

/** A Stripe refund in the port's words. `requires_action` waits for the customer's bank details: still pending. */
export function toRefundResult(refund: Stripe.Refund): RefundResult {
  const { status } = refund;
  const outcome = status === 'succeeded' || status === 'failed' || status === 'canceled' ? status : 'pending';
  return {
    outcome, refundRef: refund.id, amount: fromStripeAmount(refund.amount, refund.currency),
    ...(refund.failure_reason ? { failureCode: refund.failure_reason } : {}),
  };
}
