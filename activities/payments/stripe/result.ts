import type Stripe from 'stripe';
import type { PaymentResult } from '#domain/payments/port.ts';
import { fromStripeAmount } from '#domain/payments/stripe-amounts.ts';
import { declineFrom } from './classify-error.ts';
import type { StripeContext } from './context.ts';

/** A PaymentIntent in the port's words. */
export function toPaymentResult(context: StripeContext, intent: Stripe.PaymentIntent, paymentId: string): PaymentResult {
  const providerRef = intent.id;
  const savedMethod = savedMethodOf(intent);
  const ours = (amount: number) => fromStripeAmount(amount, intent.currency);
  switch (intent.status) {
    case 'requires_capture': {
      const card = chargeOf(intent)?.payment_method_details?.card;
      const before = card?.capture_before;
      return {
        outcome: 'authorized',
        providerRef,
        authorizedAmount: ours(intent.amount_capturable + intent.amount_received),
        ...(before ? { captureBefore: new Date(before * 1000).toISOString() } : {}),
        ...(card?.multicapture ? { multicapture: card.multicapture.status === 'available' } : {}),
        ...(savedMethod ? { savedMethod } : {}),
      };
    }
    case 'succeeded':
      return {
        outcome: 'captured',
        providerRef,
        capturedAmount: ours(intent.amount_received),
        refundedAmount: ours(refundedAmount(intent)),
        ...(savedMethod ? { savedMethod } : {}),
      };
    case 'processing':
      return { outcome: 'processing', providerRef };
    case 'canceled':
      return { outcome: 'canceled', providerRef };
    default: {
      const error = intent.last_payment_error;
      if (intent.status === 'requires_payment_method' && error) return { outcome: 'declined', providerRef, ...declineFrom(error) };
      return { outcome: 'requires_action', providerRef, nextActionSealed: context.seal(nextAction(intent), paymentId) };
    }
  }
}

/** What the customer's browser has to do. The client secret lets it act on this payment alone. */
function nextAction(intent: Stripe.PaymentIntent): Record<string, unknown> {
  const action = intent.next_action;
  const redirect = action?.redirect_to_url?.url ?? sdkRedirect(action?.use_stripe_sdk);
  return {
    type: action?.type ?? (intent.status === 'requires_confirmation' ? 'confirm' : 'provide_payment_method'),
    client_secret: intent.client_secret,
    ...(redirect ? { redirect_url: redirect } : {}),
  };
}

/** Where Stripe's library in the browser would go for 3-D Secure; others may go there, too. */
function sdkRedirect(sdk: object | undefined): string | undefined {
  const { type, stripe_js: url } = (sdk ?? {}) as { type?: string; stripe_js?: unknown };
  return type === 'three_d_secure_redirect' && typeof url === 'string' ? url : undefined;
}

/** A method that may be charged later without the customer. */
function savedMethodOf(intent: Stripe.PaymentIntent): string | undefined {
  if (!intent.customer || !intent.setup_future_usage || !intent.payment_method) return undefined;
  return typeof intent.payment_method === 'string' ? intent.payment_method : intent.payment_method.id;
}

/** What was given back of what was taken, in Stripe's units. Since 2025-03-31.basil what is released without being taken doesn't count. */
export function refundedAmount(intent: Stripe.PaymentIntent): number {
  return chargeOf(intent)?.amount_refunded ?? 0;
}

function chargeOf(intent: Stripe.PaymentIntent): Stripe.Charge | undefined {
  return typeof intent.latest_charge === 'object' && intent.latest_charge ? intent.latest_charge : undefined;
}
