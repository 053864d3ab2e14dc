import { invalidState } from '../errors.ts';
import type { Charge, PaymentIntent, PaymentMethod } from '../types.ts';
import type { Scope } from '../world.ts';
import { AUTHORIZATION_EXPIRY, disputeIfTold } from './confirm.ts';
import { secretsOf } from './payment-method.ts';

/** Cancels an intent and releases what it holds. An intent that was paid can only be refunded. */
export function cancel(scope: Scope, intent: PaymentIntent, reason: string | null): PaymentIntent {
  const { store, events, timers } = scope.world;
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    throw invalidState(
      'payment_intent_unexpected_state',
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.`,
      { payment_intent: intent },
    );
  }
  timers.cancel(intent.id, AUTHORIZATION_EXPIRY);
  const charge = intent.status === 'requires_capture' ? release(scope, intent) : undefined;
  if (charge && intent.amount_received > 0) return keepCaptured(scope, intent, charge);
  const canceled: PaymentIntent = {
    ...intent,
    amount_capturable: 0,
    canceled_at: scope.now,
    cancellation_reason: reason,
    next_action: null,
    status: 'canceled',
  };
  store.update(canceled);
  if (charge && reason === 'expired') events.emit(scope, 'charge.expired', charge);
  events.emit(scope, 'payment_intent.canceled', canceled);
  return canceled;
}

/** Lets go of what was authorised and not captured. Since 2025-03-31.basil that is no refund, and the charge shows none. */
function release(scope: Scope, intent: PaymentIntent): Charge {
  const { store } = scope.world;
  const charge = store.get<Charge>(scope.account, 'charge', intent.latest_charge ?? '');
  delete charge.payment_method_details.card.capture_before;
  store.update(charge);
  return charge;
}

/** With multicapture, an intent that has captured a part has succeeded with that part when its rest is let go. */
function keepCaptured(scope: Scope, intent: PaymentIntent, charge: Charge): PaymentIntent {
  const { store, events } = scope.world;
  const done: PaymentIntent = { ...intent, amount_capturable: 0, status: 'succeeded' };
  store.update(done);
  events.emit(scope, 'payment_intent.succeeded', done);
  disputeIfTold(scope, charge, secretsOf(scope, store.get<PaymentMethod>(scope.account, 'payment_method', charge.payment_method)).card);
  return done;
}

/** The hold of the card's bank ran out: what was not captured by then is lost. */
export function expireAuthorization(scope: Scope, intentId: string): void {
  const intent = scope.world.store.find<PaymentIntent>(scope.account, 'payment_intent', intentId);
  if (intent?.status === 'requires_capture') cancel(scope, intent, 'expired');
}
