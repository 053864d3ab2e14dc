import { invalidParam, invalidState, missingParam, noSuch } from '../errors.ts';
import { updateAndEmit } from '../events.ts';
import { integer, mergeMetadata, toBillingDetails } from '../params.ts';
import { list, LIST_PARAMS } from '../pagination.ts';
import { getCustomer } from '../payments/customer.ts';
import {
  attach, cardOfParams, createPaymentMethod, expiryOfParams, resolvePaymentMethod, secretsOf,
} from '../payments/payment-method.ts';
import { route } from '../route.ts';
import type { PaymentMethod } from '../types.ts';
import type { Scope } from '../world.ts';

/** The method of a path. A test token answers a method made of it, as with Stripe. */
function get(scope: Scope, id: string): PaymentMethod {
  if (id.startsWith('pm_card_')) return resolvePaymentMethod(scope, id);
  const found = scope.world.store.find<PaymentMethod>(scope.account, 'payment_method', id);
  if (!found) throw noSuch('PaymentMethod', id, 'payment_method', 404);
  return found;
}

export const paymentMethods = [
  route({
    method: 'POST',
    path: '/payment_methods',
    params: {
      type: 'string!', card: 'hash', billing_details: 'hash', metadata: 'metadata',
      allow_redisplay: ['always', 'limited', 'unspecified'],
    },
    handle: (call) => {
      const { type, card, billing_details, metadata } = call.params;
      if (type !== 'card') throw invalidParam('The sandbox knows only payment methods of type card.', 'type');
      if (!card) throw missingParam('card');
      return createPaymentMethod(call, cardOfParams(card), {
        billingDetails: billing_details,
        metadata,
        ...expiryOfParams(card, call.now),
      });
    },
  }),
  route({
    method: 'GET',
    path: '/payment_methods',
    params: { ...LIST_PARAMS, customer: 'string', type: 'string' },
    handle: (call) => {
      const { customer, type } = call.params;
      return list<PaymentMethod>(call, 'payment_method', '/v1/payment_methods', call.params, {
        links: { customer, kind: type },
        ...(!customer && { where: ['customer IS NOT NULL'] as [string] }),
      });
    },
  }),
  route({ method: 'GET', path: '/payment_methods/:id', params: {}, handle: (call) => get(call, call.path.id as string) }),
  route({
    method: 'POST',
    path: '/payment_methods/:id',
    params: { billing_details: 'hash', card: 'hash', metadata: 'metadata', allow_redisplay: ['always', 'limited', 'unspecified'] },
    handle: (call) => {
      const before = get(call, call.path.id as string);
      if (!before.customer) {
        throw invalidState(undefined, 'You must save this PaymentMethod to a customer before you can update it.');
      }
      const { card, billing_details, metadata, allow_redisplay } = call.params;
      return updateAndEmit<PaymentMethod>(call, 'payment_method.updated', before, {
        ...before,
        ...(allow_redisplay && { allow_redisplay }),
        billing_details: toBillingDetails(billing_details, before.billing_details),
        card: {
          ...before.card,
          ...(card?.exp_month !== undefined && { exp_month: integer('card[exp_month]', card.exp_month) }),
          ...(card?.exp_year !== undefined && { exp_year: integer('card[exp_year]', card.exp_year) }),
        },
        metadata: mergeMetadata(before.metadata, metadata),
      });
    },
  }),
  route({
    method: 'POST',
    path: '/payment_methods/:id/attach',
    params: { customer: 'string!' },
    handle: (call) => attach(call, get(call, call.path.id as string), getCustomer(call, call.params.customer).id),
  }),
  route({
    method: 'POST',
    path: '/payment_methods/:id/detach',
    params: {},
    handle: (call) => {
      const before = get(call, call.path.id as string);
      if (!before.customer) {
        throw invalidState(undefined, 'The payment method you provided is not attached to a customer so detachment is impossible.');
      }
      const { secrets } = secretsOf(call, before);
      call.world.store.setHidden(before.id, { ...secrets, used: true });
      return updateAndEmit(call, 'payment_method.detached', before, { ...before, customer: null });
    },
  }),
];
