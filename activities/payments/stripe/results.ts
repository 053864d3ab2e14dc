import type { KeyRing } from '#platform/keyring.ts';
import type { PaymentResult } from '#domain/payments/port.ts';
import type Stripe from 'stripe';
import { declineOf } from './errors.ts';

/** A PaymentIntent in the port's words. Its `latest_charge` must be expanded. */
export function resultOf(intent: Stripe.PaymentIntent, keyRing: KeyRing, paymentId: string): PaymentResult {
  const providerRef = intent.id;
  const charge = typeof intent.latest_charge === 'object' ? intent.latest_charge : null;
  const saved = intent.setup_future_usage === 'off_session' ? idOf(intent.payment_method) : undefined;
  const savedMethod = saved ? { savedMethod: saved } : {};
  switch (intent.status) {
    case 'requires_capture': {
      const lapses = charge?.payment_method_details?.card?.capture_before;
      return {
        outcome: 'authorized', providerRef, authorizedAmount: intent.amount_capturable + intent.amount_received, ...savedMethod,
        ...(lapses ? { captureBefore: new Date(lapses * 1000).toISOString() } : {}),
      };
    }
    case 'succeeded':
      return { outcome: 'captured', providerRef, capturedAmount: intent.amount_received, refundedAmount: charge?.amount_refunded ?? 0, ...savedMethod };
    case 'processing':
      return { outcome: 'processing', providerRef };
    case 'canceled':
      return { outcome: 'canceled', providerRef };
    case 'requires_payment_method':
      if (intent.last_payment_error) return { outcome: 'declined', providerRef, ...declineOf(intent.last_payment_error) };
      return { outcome: 'requires_action', providerRef, nextActionSealed: sealedAction(intent, keyRing, paymentId) };
    default:
      return { outcome: 'requires_action', providerRef, nextActionSealed: sealedAction(intent, keyRing, paymentId) };
  }
}

/** What the customer's browser needs. The client secret is a secret: sealed before it goes anywhere. */
function sealedAction({ next_action, client_secret }: Stripe.PaymentIntent, keyRing: KeyRing, paymentId: string): string {
  const url = next_action?.redirect_to_url?.url;
  return keyRing.seal({ type: next_action?.type ?? 'provide_payment_method', client_secret, ...(url ? { redirect_url: url } : {}) }, paymentId);
}

export function idOf(reference: string | { id: string } | null | undefined): string | undefined {
  return typeof reference === 'string' ? reference : reference?.id;
}
