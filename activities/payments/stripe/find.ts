import { failure } from '#activities/failure.ts';
import type { PaymentRef } from '#domain/payments/port.ts';
import type Stripe from 'stripe';

const pageSize = 100;
const mostPages = 50;

/** The metadata by which a payment, a refund or an undo is found again: ids only, nothing personal. */
export function metadataOf({ scope, orderId, paymentId }: PaymentRef): Record<string, string> {
  return { perdura_tenant: scope.tenantId, perdura_order: orderId, perdura_payment: paymentId };
}

/**
 * The PaymentIntent of a payment: by its id where we know it, else among those created since we first asked.
 * Lists, unlike searches, are read-your-writes at Stripe (https://docs.stripe.com/search#data-freshness).
 * @throws {ApplicationFailure} ProviderOutcomeUnknown when there are too many to be sure
 */
export async function findIntent(stripe: Stripe, ref: PaymentRef, customer?: string): Promise<Stripe.PaymentIntent | undefined> {
  if (ref.providerRef) return stripe.paymentIntents.retrieve(ref.providerRef, { expand: ['latest_charge'] });
  const since = Math.floor(Date.parse(ref.requestedAt) / 1000) - 60;
  let seen = 0;
  const intents = stripe.paymentIntents.list({
    created: { gte: since }, limit: pageSize, expand: ['data.latest_charge'], ...(customer ? { customer } : {}),
  });
  for await (const intent of intents) {
    if (intent.metadata.perdura_payment === ref.paymentId) return intent;
    seen += 1;
    if (seen >= pageSize * mostPages) throw failure('ProviderOutcomeUnknown', `Payment ${ref.paymentId} is not among the first ${seen} of its time`);
  }
  return undefined;
}
