import { invalidState } from '../errors.ts';
import type { Charge, PaymentIntent } from '../types.ts';
import type { Scope } from '../world.ts';
import { AUTHORIZATION_EXPIRY } from './confirm.ts';

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
  const canceled: PaymentIntent = {
    ...intent,
    amount_capturable: 0,
    canceled_at: scope.now,
    cancellation_reason: reason,
    next_action: null,
    status: 'canceled',
  };
  store.update(canceled);
  timers.cancel(intent.id, AUTHORIZATION_EXPIRY);
  if (intent.status === 'requires_capture') release(scope, intent, reason);
  events.emit(scope, 'payment_intent.canceled', canceled);
  return canceled;
}

/** Gives back what was authorised and not captured; Stripe shows it as refunded on the charge. */
function release(scope: Scope, intent: PaymentIntent, reason: string | null): void {
  const { store, events } = scope.world;
  const charge = store.get<Charge>(scope.account, 'charge', intent.latest_charge ?? '');
  charge.amount_refunded += intent.amount_capturable;
  charge.refunded = charge.amount_refunded === charge.amount;
  delete charge.payment_method_details.card.capture_before;
  store.update(charge);
  events.emit(scope, reason === 'automatic' ? 'charge.expired' : 'charge.refunded', charge);
}

/** The hold of the card's bank ran out: what was not captured by then is lost. */
export function expireAuthorization(scope: Scope, intentId: string): void {
  const intent = scope.world.store.find<PaymentIntent>(scope.account, 'payment_intent', intentId);
  if (intent?.status === 'requires_capture') cancel(scope, intent, 'automatic');
}
