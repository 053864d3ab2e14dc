import { invalidParam, invalidState } from '../errors.ts';
import { newId, randomText } from '../ids.ts';
import { list, LIST_PARAMS } from '../pagination.ts';
import { boolean, mergeMetadata, type ParamSpec } from '../params.ts';
import { cancel } from '../payments/cancel.ts';
import { capture } from '../payments/capture.ts';
import { confirm } from '../payments/confirm.ts';
import { applyFields, INTENT_FIELDS, NO_INTENT_FIELDS } from '../payments/intent-fields.ts';
import { checkAmount, checkCurrency, methodTypes } from '../payments/new-intent.ts';
import { route, type Call } from '../route.ts';
import type { PaymentIntent } from '../types.ts';
import type { Scope } from '../world.ts';

const CONFIRM = {
  off_session: 'any', return_url: 'string', error_on_requires_action: 'boolean', use_stripe_sdk: 'boolean',
  mandate_data: 'hash', radar_options: 'hash',
} as const satisfies ParamSpec;

const getIntent = (scope: Scope, id: string): PaymentIntent =>
  scope.world.store.get<PaymentIntent>(scope.account, 'payment_intent', id, 'intent');

export const paymentIntents = [
  route({
    method: 'POST',
    path: '/payment_intents',
    params: {
      ...INTENT_FIELDS, ...CONFIRM,
      amount: 'integer!', currency: 'string!', capture_method: ['automatic', 'automatic_async', 'manual'], confirm: 'boolean',
      confirmation_method: ['automatic', 'manual'], allowed_payment_method_types: 'list', automatic_payment_methods: 'hash',
      amount_details: 'hash', payment_details: 'hash',
    },
    handle: (call) => {
      const { params } = call;
      if (params.off_session !== undefined && !params.confirm) {
        throw invalidParam('You can only pass `off_session` when `confirm` is `true`.', 'off_session');
      }
      const currency = checkCurrency(params.currency);
      const id = newId('pi');
      const blank: PaymentIntent = {
        id,
        object: 'payment_intent',
        amount: checkAmount(params.amount, currency),
        amount_capturable: 0,
        amount_details: { tip: {} },
        amount_received: 0,
        application: null,
        application_fee_amount: null,
        ...methodTypes(params.allowed_payment_method_types, params.automatic_payment_methods),
        canceled_at: null,
        cancellation_reason: null,
        capture_method: params.capture_method ?? 'automatic_async',
        client_secret: `${id}_secret_${randomText(25)}`,
        confirmation_method: params.confirmation_method ?? 'automatic',
        created: call.now,
        currency,
        customer: null,
        customer_account: null,
        description: null,
        excluded_payment_method_types: null,
        last_payment_error: null,
        latest_charge: null,
        livemode: false,
        metadata: {},
        next_action: null,
        on_behalf_of: null,
        payment_method: null,
        payment_method_configuration_details: null,
        payment_method_options: {
          card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
        },
        processing: null,
        receipt_email: null,
        review: null,
        setup_future_usage: null,
        shipping: null,
        statement_descriptor: null,
        statement_descriptor_suffix: null,
        status: 'requires_payment_method',
        transfer_data: null,
        transfer_group: null,
      };
      const intent = applyFields(call, blank);
      call.world.store.insert(call.account, intent);
      call.world.events.emit(call, 'payment_intent.created', intent);
      return params.confirm ? confirmWith(call, intent) : intent;
    },
  }),
  route({
    method: 'GET',
    path: '/payment_intents',
    params: { ...LIST_PARAMS, customer: 'string' },
    handle: (call) =>
      list<PaymentIntent>(call, 'payment_intent', '/v1/payment_intents', call.params, {
        links: { customer: call.params.customer },
      }),
  }),
  route({
    method: 'GET',
    path: '/payment_intents/:id',
    params: { client_secret: 'string' },
    handle: (call) => getIntent(call, call.path.id as string),
  }),
  route({
    method: 'POST',
    path: '/payment_intents/:id',
    params: { ...INTENT_FIELDS, amount: 'integer', currency: 'string' },
    handle: (call) => {
      const before = getIntent(call, call.path.id as string);
      const { amount, currency: given } = call.params;
      const open = ['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(before.status);
      if (!open && (amount !== undefined || given || call.params.payment_method || call.params.customer)) {
        throw invalidState(
          'payment_intent_unexpected_state',
          `This PaymentIntent's amount, currency, customer or payment_method could not be updated because it has a status of ${before.status}.`,
          { payment_intent: before },
        );
      }
      const currency = given ? checkCurrency(given) : before.currency;
      const after = applyFields(call, { ...before, currency, amount: amount === undefined ? before.amount : checkAmount(amount, currency) });
      call.world.store.update(after);
      return after;
    },
  }),
  route({
    method: 'POST',
    path: '/payment_intents/:id/confirm',
    params: {
      ...CONFIRM, capture_method: ['automatic', 'automatic_async', 'manual'], payment_method: 'string', payment_method_data: 'hash',
      payment_method_options: 'hash', receipt_email: 'string', setup_future_usage: ['off_session', 'on_session'], shipping: 'hash',
    },
    handle: (call) => {
      const before = getIntent(call, call.path.id as string);
      const intent = applyFields({ ...call, params: { ...NO_INTENT_FIELDS, ...call.params } }, before);
      if (call.params.capture_method) intent.capture_method = call.params.capture_method;
      return confirmWith(call, intent);
    },
  }),
  route({
    method: 'POST',
    path: '/payment_intents/:id/capture',
    params: {
      amount_to_capture: 'integer', final_capture: 'boolean', metadata: 'metadata', statement_descriptor: 'string',
      statement_descriptor_suffix: 'string', amount_details: 'hash', payment_details: 'hash',
    },
    handle: (call) => {
      const intent = getIntent(call, call.path.id as string);
      intent.metadata = mergeMetadata(intent.metadata, call.params.metadata);
      return capture(call, intent, { amount: call.params.amount_to_capture, final: call.params.final_capture });
    },
  }),
  route({
    method: 'POST',
    path: '/payment_intents/:id/cancel',
    params: { cancellation_reason: ['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'] },
    handle: (call) => cancel(call, getIntent(call, call.path.id as string), call.params.cancellation_reason ?? null),
  }),
  route({
    method: 'POST',
    path: '/payment_intents/:id/increment_authorization',
    params: { amount: 'integer!', description: 'string', metadata: 'metadata' },
    handle: () => {
      throw invalidState(
        'payment_intent_invalid_parameter',
        "The PaymentIntent's card does not support incremental authorization: `payment_method_details.card.incremental_authorization.status` of its charge is `unavailable`.",
      );
    },
  }),
];

/** `true`, or which kind of payment without the customer it is. */
const isOffSession = (given: unknown): boolean =>
  given !== undefined && (given === 'one_off' || given === 'recurring' || boolean('off_session', given));

function confirmWith(call: Call<typeof CONFIRM>, intent: PaymentIntent): PaymentIntent {
  return confirm(call, intent, {
    offSession: isOffSession(call.params.off_session),
    returnUrl: call.params.return_url,
    errorOnRequiresAction: call.params.error_on_requires_action,
  });
}
