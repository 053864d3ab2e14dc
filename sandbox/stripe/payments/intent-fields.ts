import { mergeMetadata, toShipping, type ParamSpec } from '../params.ts';
import { getCustomer } from './customer.ts';
import type { Call } from '../route.ts';
import type { Hash, PaymentIntent } from '../types.ts';
import type { Scope } from '../world.ts';
import { cardOptions } from './new-intent.ts';
import { cardOfParams, createPaymentMethod, expiryOfParams, resolvePaymentMethod } from './payment-method.ts';

/** What may be given when an intent is created, updated or (in part) confirmed. */
export const INTENT_FIELDS = {
  customer: 'string', description: 'string', metadata: 'metadata', payment_method: 'string', payment_method_data: 'hash',
  payment_method_options: 'hash', receipt_email: 'string', setup_future_usage: ['off_session', 'on_session'],
  shipping: 'hash', statement_descriptor: 'string', statement_descriptor_suffix: 'string', transfer_group: 'string',
} as const satisfies ParamSpec;

/** None of them: for routes that take only some. */
export const NO_INTENT_FIELDS: Record<keyof typeof INTENT_FIELDS, undefined> = {
  customer: undefined, description: undefined, metadata: undefined, payment_method: undefined, payment_method_data: undefined,
  payment_method_options: undefined, receipt_email: undefined, setup_future_usage: undefined, shipping: undefined,
  statement_descriptor: undefined, statement_descriptor_suffix: undefined, transfer_group: undefined,
};

/** Lays the given fields over an intent, and gives it its payment method. */
export function applyFields(call: Call<typeof INTENT_FIELDS>, intent: PaymentIntent): PaymentIntent {
  const given = call.params;
  const changed = { ...intent, metadata: mergeMetadata(intent.metadata, given.metadata) };
  for (const name of ['description', 'receipt_email', 'statement_descriptor', 'statement_descriptor_suffix', 'transfer_group'] as const) {
    const value = given[name];
    if (value !== undefined) changed[name] = value;
  }
  if (given.customer) changed.customer = getCustomer(call, given.customer).id;
  if (given.shipping !== undefined) changed.shipping = toShipping(given.shipping);
  if (given.setup_future_usage) changed.setup_future_usage = given.setup_future_usage;
  changed.payment_method_options = {
    card: cardOptions(changed.payment_method_options.card, given.payment_method_options),
  };
  const method = methodOf(call, given.payment_method, given.payment_method_data);
  if (method) {
    changed.payment_method = method;
    if (changed.status === 'requires_payment_method') changed.status = 'requires_confirmation';
  }
  return changed;
}

function methodOf(scope: Scope, id: string | null | undefined, data: Hash | null | undefined): string | undefined {
  if (id) return resolvePaymentMethod(scope, id).id;
  if (!data) return undefined;
  const card = (data.card ?? {}) as Hash;
  return createPaymentMethod(scope, cardOfParams(card), {
    billingDetails: data.billing_details,
    ...expiryOfParams(card, scope.now),
  }).id;
}
