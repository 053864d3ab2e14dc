import Stripe from 'stripe';
import type { StripeEvent } from '#domain/webhooks/stripe-claim.ts';

/** Older signatures are not accepted, so that a recorded delivery can't be sent again much later. Stripe's own default. */
const toleranceSeconds = 300;

/**
 * The event in a delivery, if any of the secrets signed exactly these bytes a short while ago; else undefined.
 * Several secrets are good while one is being rotated.
 */
export function verifiedEvent(body: unknown, signature: string | string[] | undefined, secrets: readonly string[]): StripeEvent | undefined {
  if (!Buffer.isBuffer(body) || typeof signature !== 'string') return undefined;
  for (const secret of secrets) {
    try {
      return Stripe.webhooks.constructEvent(body, signature, secret, toleranceSeconds) as unknown as StripeEvent;
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeSignatureVerificationError) && !(error instanceof SyntaxError)) throw error;
    }
  }
  return undefined;
}
