import { invalidState } from '../errors.ts';
import { newId, randomText } from '../ids.ts';
import { list, LIST_PARAMS } from '../pagination.ts';
import { getCustomer } from '../payments/customer.ts';
import { mergeMetadata } from '../params.ts';
import { methodTypes } from '../payments/new-intent.ts';
import { cardOfParams, createPaymentMethod, expiryOfParams, resolvePaymentMethod } from '../payments/payment-method.ts';
import { confirmSetup } from '../payments/setup.ts';
import { route } from '../route.ts';
import type { Hash, SetupIntent } from '../types.ts';
import type { Scope } from '../world.ts';

const getIntent = (scope: Scope, id: string): SetupIntent =>
  scope.world.store.get<SetupIntent>(scope.account, 'setup_intent', id, 'intent');

function withMethod(scope: Scope, intent: SetupIntent, id: string | null | undefined, data?: Hash | null): SetupIntent {
  const card = data && ((data.card ?? {}) as Hash);
  const method = id
    ? resolvePaymentMethod(scope, id).id
    : card && createPaymentMethod(scope, cardOfParams(card), { billingDetails: data.billing_details, ...expiryOfParams(card, scope.now) }).id;
  if (!method) return intent;
  return { ...intent, payment_method: method, status: 'requires_confirmation' };
}

export const setupIntents = [
  route({
    method: 'POST',
    path: '/setup_intents',
    params: {
      automatic_payment_methods: 'hash', confirm: 'boolean', customer: 'string', description: 'string', metadata: 'metadata',
      payment_method: 'string', payment_method_data: 'hash', payment_method_options: 'hash', allowed_payment_method_types: 'list',
      return_url: 'string', usage: ['off_session', 'on_session'], use_stripe_sdk: 'boolean', mandate_data: 'hash',
    },
    handle: (call) => {
      const { params } = call;
      const id = newId('seti');
      const blank: SetupIntent = {
        id,
        object: 'setup_intent',
        application: null,
        ...methodTypes(params.allowed_payment_method_types, params.automatic_payment_methods),
        cancellation_reason: null,
        client_secret: `${id}_secret_${randomText(25)}`,
        created: call.now,
        customer: params.customer ? getCustomer(call, params.customer).id : null,
        customer_account: null,
        description: params.description ?? null,
        excluded_payment_method_types: null,
        flow_directions: null,
        last_setup_error: null,
        latest_attempt: null,
        livemode: false,
        mandate: null,
        metadata: mergeMetadata({}, params.metadata),
        next_action: null,
        on_behalf_of: null,
        payment_method: null,
        payment_method_configuration_details: null,
        payment_method_options: { card: { mandate_options: null, network: null, request_three_d_secure: 'automatic' } },
        single_use_mandate: null,
        status: 'requires_payment_method',
        usage: params.usage ?? 'off_session',
      };
      const intent = withMethod(call, blank, params.payment_method, params.payment_method_data);
      call.world.store.insert(call.account, intent);
      call.world.events.emit(call, 'setup_intent.created', intent);
      return params.confirm ? confirmSetup(call, intent, params.return_url) : intent;
    },
  }),
  route({
    method: 'GET',
    path: '/setup_intents',
    params: { ...LIST_PARAMS, customer: 'string', payment_method: 'string' },
    handle: (call) =>
      list<SetupIntent>(call, 'setup_intent', '/v1/setup_intents', call.params, {
        links: { customer: call.params.customer },
        ...(call.params.payment_method && {
          where: [`json_extract(body, '$.payment_method') = ?`, call.params.payment_method] as [string, string],
        }),
      }),
  }),
  route({
    method: 'GET',
    path: '/setup_intents/:id',
    params: { client_secret: 'string' },
    handle: (call) => getIntent(call, call.path.id as string),
  }),
  route({
    method: 'POST',
    path: '/setup_intents/:id',
    params: { customer: 'string', description: 'string', metadata: 'metadata', payment_method: 'string' },
    handle: (call) => {
      const before = getIntent(call, call.path.id as string);
      const { customer, description, metadata, payment_method: method } = call.params;
      const after = withMethod(call, {
        ...before,
        ...(customer && { customer: getCustomer(call, customer).id }),
        ...(description !== undefined && { description }),
        metadata: mergeMetadata(before.metadata, metadata),
      }, method);
      call.world.store.update(after);
      return after;
    },
  }),
  route({
    method: 'POST',
    path: '/setup_intents/:id/confirm',
    params: {
      payment_method: 'string', payment_method_data: 'hash', payment_method_options: 'hash', return_url: 'string',
      use_stripe_sdk: 'boolean', mandate_data: 'hash',
    },
    handle: (call) => {
      const { payment_method: method, payment_method_data: data, return_url: returnUrl } = call.params;
      return confirmSetup(call, withMethod(call, getIntent(call, call.path.id as string), method, data), returnUrl);
    },
  }),
  route({
    method: 'POST',
    path: '/setup_intents/:id/cancel',
    params: { cancellation_reason: ['abandoned', 'duplicate', 'requested_by_customer'] },
    handle: (call) => {
      const before = getIntent(call, call.path.id as string);
      if (before.status === 'succeeded' || before.status === 'canceled') {
        throw invalidState(
          'setup_intent_unexpected_state',
          `You cannot cancel this SetupIntent because it has a status of ${before.status}.`,
          { setup_intent: before },
        );
      }
      const after: SetupIntent = {
        ...before, cancellation_reason: call.params.cancellation_reason ?? null, next_action: null, status: 'canceled',
      };
      call.world.store.update(after);
      call.world.events.emit(call, 'setup_intent.canceled', after);
      return after;
    },
  }),
];
