import type Stripe from 'stripe';
import type { AuthorizeRequest } from '#domain/payments/port.ts';
import type { TenantRef } from '#domain/tenant.ts';
import type { StripeContext } from './context.ts';
import { isVerdict, once } from './once.ts';
import { failureOf } from './classify-error.ts';

/** Our customer's id at Stripe, in a Stripe customer's metadata. */
const metadataKey = 'perdura_customer';

/**
 * The Stripe customer that a payment needs: one to keep the method for, or one whose saved method it is.
 * A guest's payment needs none.
 */
export async function customerFor(context: StripeContext, request: AuthorizeRequest): Promise<string | undefined> {
  const { scope, customerId, paymentMethod } = request;
  if (request.saveMethod || request.offSession) return ensureCustomer(context, scope, customerId);
  return paymentMethod ? context.customers.findOwner(scope, customerId, paymentMethod) : undefined;
}

/** Finds or creates the Stripe customer of ours, once per connection. It carries our id and nothing personal. */
export async function ensureCustomer(context: StripeContext, scope: TenantRef, customerId: string): Promise<string> {
  const known = await context.customers.find(scope, customerId);
  if (known) return known;
  const made = await once<Stripe.Customer>({
    key: `customer/${customerId}`,
    lookFirst: false,
    send: (options) => context.client.customers.create({ metadata: { [metadataKey]: customerId } }, options),
    // An unused customer at Stripe does no harm: a burned key is simply followed by the next.
    find: async () => undefined,
  });
  if (isVerdict(made)) throw failureOf(made);
  await context.customers.keep(scope, customerId, made.id);
  return made.id;
}
