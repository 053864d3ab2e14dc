import type Stripe from 'stripe';
import type { PaymentRef } from '#domain/payments/port.ts';
import { failure } from '../failure.ts';
import type { StripeContext } from './context.ts';

/** Metadata of ours at Stripe: ids only, nothing personal. */
export const metadataKeys = { order: 'perdura_order', payment: 'perdura_payment', refund: 'perdura_refund', capture: 'perdura_capture' } as const;

/** Our clock and Stripe's may differ by this much. */
const skewSeconds = 300;
/** Pages of 100 that a search goes through before it gives up for now. */
const mostPages = 200;

export const expandIntent = ['latest_charge'];

/** The PaymentIntent of a payment, by its id or, when that was never seen, by our id in its metadata. */
export async function findIntent(context: StripeContext, ref: PaymentRef): Promise<Stripe.PaymentIntent | undefined> {
  if (ref.providerRef) return context.client.paymentIntents.retrieve(ref.providerRef, { expand: expandIntent });
  return findLostIntent(context, ref);
}

/**
 * Looks for a payment whose outcome was never seen: among its customer's, which are few, then among all since it was
 * asked for. Newest first; lists are strongly consistent, Stripe's search index is not.
 */
export async function findLostIntent(context: StripeContext, ref: PaymentRef): Promise<Stripe.PaymentIntent | undefined> {
  const since = { gte: Math.floor(Date.parse(ref.requestedAt) / 1000) - skewSeconds };
  const customer = await context.customers.find(ref.scope, ref.customerId);
  const found = customer ? await search(context, ref.paymentId, { customer, created: since }) : undefined;
  return found ?? search(context, ref.paymentId, { created: since });
}

async function search(
  { client }: StripeContext,
  paymentId: string,
  where: Stripe.PaymentIntentListParams,
): Promise<Stripe.PaymentIntent | undefined> {
  let after: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const { data, has_more: more } = await client.paymentIntents.list({
      ...where, limit: 100, expand: expandIntent.map((path) => `data.${path}`), ...(after ? { starting_after: after } : {}),
    });
    const found = data.find((intent) => intent.metadata[metadataKeys.payment] === paymentId);
    if (found || !more) return found;
    after = data.at(-1)!.id;
  }
  throw failure('ProviderOutcomeUnknown', `Payment ${paymentId} was not among the newest ${mostPages * 100} at Stripe, and there are more`);
}
