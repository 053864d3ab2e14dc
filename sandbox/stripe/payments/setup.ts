import { invalidState, StripeError } from '../errors.ts';
import type { ApiError, PaymentMethod, SetupIntent } from '../types.ts';
import type { Scope } from '../world.ts';
import { authenticationAction } from './authentication.ts';
import { cardError } from './declines.ts';
import { attach, secretsOf } from './payment-method.ts';

/** Confirms a setup: 3-D Secure where the card asks for it, a decline, or a method kept for later. */
export function confirmSetup(scope: Scope, intent: SetupIntent, returnUrl: string | null | undefined): SetupIntent {
  if (!['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(intent.status)) {
    throw invalidState(
      'setup_intent_unexpected_state',
      `You cannot confirm this SetupIntent because it has a status of ${intent.status}.`,
      { setup_intent: intent },
    );
  }
  if (!intent.payment_method) {
    throw invalidState(
      'setup_intent_unexpected_state',
      "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.",
      { setup_intent: intent },
    );
  }
  const method = scope.world.store.get<PaymentMethod>(scope.account, 'payment_method', intent.payment_method);
  const { card } = secretsOf(scope, method);
  const decline = scope.forcedDecline ?? (card.attachable ? undefined : card.decline);
  if (decline) {
    const error = { ...cardError(decline, card.brand), payment_method: method };
    throw new StripeError(402, { ...error, setup_intent: fail(scope, intent, error) }, 'effect');
  }
  if (card.authentication === 'always' || card.authentication === 'unless_set_up') {
    const waiting: SetupIntent = {
      ...intent,
      next_action: authenticationAction(scope, intent.id, returnUrl),
      status: 'requires_action',
    };
    scope.world.store.update(waiting);
    scope.world.events.emit(scope, 'setup_intent.requires_action', waiting);
    return waiting;
  }
  return succeed(scope, intent, method);
}

/** What follows 3-D Secure of a setup. */
export function finishSetupAuthentication(scope: Scope, intent: SetupIntent, completed: boolean): SetupIntent {
  const method = scope.world.store.get<PaymentMethod>(scope.account, 'payment_method', intent.payment_method ?? '');
  if (completed) return succeed(scope, intent, method);
  return fail(scope, intent, {
    code: 'setup_intent_authentication_failure',
    doc_url: 'https://stripe.com/docs/error-codes/setup-intent-authentication-failure',
    message: 'The latest attempt to set up the payment method has failed because authentication failed.',
    payment_method: method,
    type: 'invalid_request_error',
  });
}

function succeed(scope: Scope, intent: SetupIntent, method: PaymentMethod): SetupIntent {
  const { store, events } = scope.world;
  const { secrets } = secretsOf(scope, method);
  if (intent.customer && !method.customer) attach(scope, method, intent.customer, false);
  store.setHidden(method.id, { ...secrets, ...(intent.usage === 'off_session' && { setUp: true }) });
  const done: SetupIntent = { ...intent, last_setup_error: null, next_action: null, status: 'succeeded' };
  store.update(done);
  events.emit(scope, 'setup_intent.succeeded', done);
  return done;
}

function fail(scope: Scope, intent: SetupIntent, error: ApiError): SetupIntent {
  const failed: SetupIntent = {
    ...intent, last_setup_error: error, next_action: null, payment_method: null, status: 'requires_payment_method',
  };
  scope.world.store.update(failed);
  scope.world.events.emit(scope, 'setup_intent.setup_failed', failed);
  return failed;
}
