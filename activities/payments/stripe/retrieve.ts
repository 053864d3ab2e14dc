import type { PaymentRef, PaymentResult, RefundRef, RefundResult } from '#domain/payments/port.ts';
import type { StripeContext } from './context.ts';
import { findIntent } from './find-lost.ts';
import { looked } from './once.ts';
import { toRefundResult } from './refund.ts';
import { toPaymentResult } from './result.ts';

/** How a payment stands at Stripe now; `absent` when it was never made. */
export async function retrieve(context: StripeContext, ref: PaymentRef): Promise<PaymentResult> {
  const intent = await looked(() => findIntent(context, ref));
  return intent ? toPaymentResult(context, intent, ref.paymentId) : { outcome: 'absent' };
}

/** How a refund stands at Stripe now. */
export async function retrieveRefund({ client }: StripeContext, { refundRef }: RefundRef): Promise<RefundResult> {
  return toRefundResult(await looked(() => client.refunds.retrieve(refundRef)));
}
