import { invalidParam, invalidState, StripeError } from '../errors.ts';
import type { ApiError, Charge, PaymentIntent, PaymentMethod } from '../types.ts';
import type { Scope } from '../world.ts';
import { authenticationAction, needsAuthentication } from './authentication.ts';
import type { CardDecline, TestCard } from './cards.ts';
import { createCharge } from './charge.ts';
import { cardError } from './declines.ts';
import { openDispute } from './dispute.ts';
import { attach, secretsOf, usedUp } from './payment-method.ts';

export const AUTHORIZATION_EXPIRY = 'authorization_expiry';

export interface ConfirmOptions {
  offSession: boolean;
  returnUrl?: string | null | undefined;
  errorOnRequiresAction?: boolean | undefined;
}

/**
 * Confirms an intent: asks for 3-D Secure, or charges the card. Throws the 402 of a decline after writing
 * what it leaves (a failed charge, `last_payment_error`), so the caller's transaction must be committed.
 */
export function confirm(scope: Scope, intent: PaymentIntent, options: ConfirmOptions): PaymentIntent {
  checkConfirmable(intent, options);
  const method = scope.world.store.get<PaymentMethod>(scope.account, 'payment_method', intent.payment_method ?? '');
  checkUsable(intent, method);
  const { secrets, card } = secretsOf(scope, method);
  if (secrets.used) throw usedUp();
  const forced = scope.forcedDecline;
  if (!forced && needsAuthentication(card, secrets, options.offSession)) {
    if (options.offSession || options.errorOnRequiresAction) {
      return charge(scope, intent, method, card, options.offSession, false, { reason: 'authentication_required' });
    }
    const waiting: PaymentIntent = {
      ...intent,
      last_payment_error: null,
      next_action: authenticationAction(scope, intent.id, options.returnUrl),
      status: 'requires_action',
    };
    scope.world.store.update(waiting);
    scope.world.events.emit(scope, 'payment_intent.requires_action', waiting);
    return waiting;
  }
  return charge(scope, intent, method, card, options.offSession, false, forced ?? card.decline);
}

/** What follows 3-D Secure: the charge when it was completed, else the intent wants another method. */
export function finishAuthentication(scope: Scope, intent: PaymentIntent, completed: boolean): PaymentIntent {
  const method = scope.world.store.get<PaymentMethod>(scope.account, 'payment_method', intent.payment_method ?? '');
  const { card } = secretsOf(scope, method);
  if (completed) return charge(scope, intent, method, card, false, true, card.decline);
  const error: ApiError = {
    code: 'payment_intent_authentication_failure',
    doc_url: 'https://stripe.com/docs/error-codes/payment-intent-authentication-failure',
    message:
      'The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.',
    payment_method: method,
    type: 'invalid_request_error',
  };
  return fail(scope, intent, error, intent.latest_charge);
}

function checkConfirmable(intent: PaymentIntent, options: ConfirmOptions): void {
  if (!['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(intent.status)) {
    throw invalidState(
      'payment_intent_unexpected_state',
      `You cannot confirm this PaymentIntent because it has already ${intent.status === 'succeeded' ? 'succeeded after being previously confirmed' : `a status of ${intent.status}`}.`,
      { payment_intent: intent },
    );
  }
  if (!intent.payment_method) {
    throw invalidState(
      'payment_intent_unexpected_state',
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
      { payment_intent: intent },
    );
  }
  if (options.offSession && intent.setup_future_usage) {
    throw invalidParam(
      'You cannot confirm with `off_session=true` when `setup_future_usage` is also set on the PaymentIntent. The customer needs to be on-session to perform the steps which may be required to set up the PaymentMethod for future usage. Please confirm this PaymentIntent with your customer on-session.',
      'off_session',
    );
  }
  const redirects = intent.automatic_payment_methods?.allow_redirects === 'always';
  if (redirects && !options.returnUrl && !options.offSession) {
    throw invalidParam(
      'This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don\'t want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.',
      'return_url',
    );
  }
}

function checkUsable(intent: PaymentIntent, method: PaymentMethod): void {
  if (!method.customer || method.customer === intent.customer) return;
  throw new StripeError(400, {
    message: intent.customer
      ? `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`
      : 'The payment method you provided is attached to a customer so for security purposes you must provide the customer in the request.',
    param: 'payment_method',
    type: 'invalid_request_error',
  });
}

function charge(
  scope: Scope, intent: PaymentIntent, method: PaymentMethod, card: TestCard,
  offSession: boolean, authenticated: boolean, decline: CardDecline | undefined,
): PaymentIntent {
  const { store, events, timers } = scope.world;
  const made = createCharge(scope, { intent, method, card, offSession, authenticated, decline });
  if (decline) {
    events.emit(scope, 'charge.failed', made);
    const error = { ...cardError(decline, card.brand, made.id), payment_method: method };
    const failed = fail(scope, intent, error, made.id);
    throw new StripeError(402, { ...error, payment_intent: failed }, 'effect');
  }
  const manual = intent.capture_method === 'manual';
  const paid: PaymentIntent = {
    ...intent,
    amount_capturable: manual ? intent.amount : 0,
    amount_received: manual ? 0 : intent.amount,
    last_payment_error: null,
    latest_charge: made.id,
    next_action: null,
    status: manual ? 'requires_capture' : 'succeeded',
  };
  store.update(paid);
  keepOrUseUp(scope, paid, method, authenticated);
  events.emit(scope, 'charge.succeeded', made);
  if (manual) {
    timers.schedule(scope, intent.id, AUTHORIZATION_EXPIRY, made.payment_method_details.card.capture_before ?? scope.now);
    events.emit(scope, 'payment_intent.amount_capturable_updated', paid);
  } else {
    events.emit(scope, 'payment_intent.succeeded', paid);
    disputeIfTold(scope, made, card);
  }
  return paid;
}

/** With `setup_future_usage` the method is attached to the customer; without a customer it is used up. */
function keepOrUseUp(scope: Scope, intent: PaymentIntent, method: PaymentMethod, authenticated: boolean): void {
  const { store } = scope.world;
  const secrets = store.hidden<{ number: string }>(method.id);
  if (intent.setup_future_usage && intent.customer) {
    if (!method.customer) attach(scope, method, intent.customer, false);
    if (authenticated && intent.setup_future_usage === 'off_session') store.setHidden(method.id, { ...secrets, setUp: true });
  } else if (!method.customer) {
    store.setHidden(method.id, { ...secrets, used: true });
  }
}

/** Test cards that dispute do so as soon as the money is captured. */
export function disputeIfTold(scope: Scope, made: Charge, card: TestCard): void {
  if (card.dispute) openDispute(scope, made, card.dispute);
}

function fail(scope: Scope, intent: PaymentIntent, error: ApiError, chargeId: string | null): PaymentIntent {
  const failed: PaymentIntent = {
    ...intent,
    last_payment_error: error,
    latest_charge: chargeId,
    next_action: null,
    payment_method: null,
    status: 'requires_payment_method',
  };
  scope.world.store.update(failed);
  scope.world.events.emit(scope, 'payment_intent.payment_failed', failed);
  return failed;
}
