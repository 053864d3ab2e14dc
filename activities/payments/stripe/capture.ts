import type Stripe from 'stripe';
import type { CaptureRequest, CaptureResult } from '#domain/payments/port.ts';
import { fromStripeAmount, toStripeAmount } from '#domain/payments/stripe-amounts.ts';
import { failure } from '../failure.ts';
import type { StripeContext } from './context.ts';
import { expandIntent, metadataKeys } from './find-lost.ts';
import { isVerdict, keyMayBeForgotten, looked, once } from './once.ts';

/**
 * Takes authorised money. `capturedAmount` is the total that the payment has taken so far, by Stripe's count.
 * The request's key travels in the intent's metadata, so that a capture whose answer was lost can be told from
 * one that never happened.
 */
export async function capture(context: StripeContext, request: CaptureRequest): Promise<CaptureResult> {
  const { client } = context;
  const amount = toStripeAmount(request.amount, request.currency);
  if (amount === undefined) return { outcome: 'failed', code: 'amount_not_chargeable' };
  const read = () => client.paymentIntents.retrieve(request.providerRef, { expand: expandIntent });
  const answer = await once<Stripe.PaymentIntent>({
    key: request.idempotencyKey,
    send: (options) =>
      client.paymentIntents.capture(
        request.providerRef,
        {
          amount_to_capture: amount,
          metadata: { [metadataKeys.capture]: request.idempotencyKey },
          expand: expandIntent,
          // Stripe's default is true. It may be named only where this payment's card has multicapture, which who asks knows.
          ...(request.final ? {} : { final_capture: false }),
        },
        options,
      ),
    find: async () => {
      const intent = await read();
      const taken = intent.status === 'succeeded' || intent.metadata[metadataKeys.capture] === request.idempotencyKey;
      return taken || intent.status === 'canceled' ? intent : undefined;
    },
    // A final capture ends the authorisation, so a second try is refused; any other would take again.
    lookFirst: !request.final && keyMayBeForgotten(request.requestedAt, context.now()),
  });
  if (!isVerdict(answer)) return toCaptureResult(answer);
  if (answer.kind === 'declined') return { outcome: 'failed', ...answer.decline };
  return afterRefusal(await looked(read), answer.code);
}

function toCaptureResult(intent: Stripe.PaymentIntent): CaptureResult {
  if (intent.status === 'processing') throw failure('ProviderBusy', `Payment ${intent.id} is being processed`);
  if (intent.status === 'canceled' && intent.amount_received === 0) return { outcome: 'failed', code: canceledCode(intent) };
  return { outcome: 'captured', capturedAmount: fromStripeAmount(intent.amount_received, intent.currency) };
}

/**
 * Stripe refused: it was taken before, it is too late, or the amount is too high. An intent that had captured a part by
 * multicapture has succeeded when its rest was released: the total, no higher than before, tells that nothing more was taken.
 */
function afterRefusal(intent: Stripe.PaymentIntent, code: string): CaptureResult {
  if (intent.status === 'requires_capture') return { outcome: 'failed', code };
  if (intent.status === 'succeeded' || intent.status === 'processing' || intent.status === 'canceled') return toCaptureResult(intent);
  return { outcome: 'failed', code: intent.last_payment_error?.code ?? code };
}

/** Stripe cancels by itself when the authorisation runs out. */
function canceledCode(intent: Stripe.PaymentIntent): string {
  const reason: string | null = intent.cancellation_reason;
  return reason === 'automatic' || reason === 'expired' ? 'authorization_expired' : 'payment_canceled';
}
