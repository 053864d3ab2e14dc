import { invalidState, missingParam } from '../errors.ts';
import { updateAndEmit } from '../events.ts';
import { list, LIST_PARAMS } from '../pagination.ts';
import { mergeMetadata } from '../params.ts';
import { failRefund, refund } from '../payments/refund.ts';
import { route } from '../route.ts';
import type { Charge, PaymentIntent, Refund } from '../types.ts';
import type { Scope } from '../world.ts';

/** The charge that `charge` or `payment_intent` names. */
function chargeOf(scope: Scope, chargeId: string | null | undefined, intentId: string | null | undefined): Charge {
  const { store } = scope.world;
  if (chargeId) {
    const charge = store.get<Charge>(scope.account, 'charge', chargeId, 'charge', 400);
    if (!charge.captured) {
      throw invalidState(undefined, `Charge ${charge.id} was not captured; cancel its PaymentIntent to release it.`);
    }
    return charge;
  }
  if (!intentId) throw missingParam('payment_intent');
  const intent = store.get<PaymentIntent>(scope.account, 'payment_intent', intentId, 'payment_intent', 400);
  const charge = intent.latest_charge && store.find<Charge>(scope.account, 'charge', intent.latest_charge);
  if (!charge || !charge.captured) {
    throw invalidState(undefined, `This PaymentIntent (${intentId}) does not have a successful charge to refund.`);
  }
  return charge;
}

const getRefund = (scope: Scope, id: string): Refund => scope.world.store.get<Refund>(scope.account, 'refund', id, 'id');

export const refunds = [
  route({
    method: 'POST',
    path: '/refunds',
    params: {
      amount: 'integer', charge: 'string', payment_intent: 'string', metadata: 'metadata', instructions_email: 'string',
      reason: ['duplicate', 'fraudulent', 'requested_by_customer'],
    },
    handle: (call) => {
      const { charge, payment_intent: intent, amount, reason, metadata } = call.params;
      return refund(call, chargeOf(call, charge, intent), {
        amount,
        reason: reason ?? null,
        metadata: mergeMetadata({}, metadata),
      });
    },
  }),
  route({
    method: 'GET',
    path: '/refunds',
    params: { ...LIST_PARAMS, charge: 'string', payment_intent: 'string' },
    handle: (call) =>
      list<Refund>(call, 'refund', '/v1/refunds', call.params, {
        links: { charge: call.params.charge, payment_intent: call.params.payment_intent },
      }),
  }),
  route({ method: 'GET', path: '/refunds/:id', params: {}, handle: (call) => getRefund(call, call.path.id as string) }),
  route({
    method: 'POST',
    path: '/refunds/:id',
    params: { metadata: 'metadata' },
    handle: (call) => {
      const before = getRefund(call, call.path.id as string);
      return updateAndEmit<Refund>(call, 'refund.updated', before, {
        ...before,
        metadata: mergeMetadata(before.metadata, call.params.metadata),
      });
    },
  }),
  route({
    method: 'POST',
    path: '/refunds/:id/cancel',
    params: {},
    handle: (call) => {
      const before = getRefund(call, call.path.id as string);
      const canceled = before.status === 'pending' || before.status === 'requires_action' ? failRefund(call, before.id, 'canceled') : undefined;
      if (!canceled) {
        throw invalidState(undefined, `Refund ${before.id} has a status of ${before.status} and cannot be canceled.`);
      }
      return canceled;
    },
  }),
];
