import { invalidParam, invalidState } from '../errors.ts';
import type { Charge, PaymentIntent, PaymentMethod } from '../types.ts';
import type { Scope } from '../world.ts';
import { settle } from './charge.ts';
import { AUTHORIZATION_EXPIRY, disputeIfTold } from './confirm.ts';
import { secretsOf } from './payment-method.ts';

export interface CaptureOptions {
  amount?: number | undefined;
  final?: boolean | undefined;
}

/**
 * Captures an authorisation. Less than the whole releases the rest, unless the charge allows multicapture
 * and this is not the final capture.
 */
export function capture(scope: Scope, intent: PaymentIntent, options: CaptureOptions): PaymentIntent {
  const { store, events, timers } = scope.world;
  if (intent.status !== 'requires_capture') {
    throw invalidState(
      'payment_intent_unexpected_state',
      `This PaymentIntent could not be captured because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be captured: requires_capture.`,
      { payment_intent: intent },
    );
  }
  const amount = options.amount ?? intent.amount_capturable;
  if (amount < 1) {
    throw invalidParam('This value must be greater than or equal to 1.', 'amount_to_capture', 'parameter_invalid_integer');
  }
  if (amount > intent.amount_capturable) {
    throw invalidState(
      'amount_too_large',
      'The amount provided is greater than the remaining amount that can be captured on this PaymentIntent.',
      { param: 'amount_to_capture' },
    );
  }
  const charge = store.get<Charge>(scope.account, 'charge', intent.latest_charge ?? '');
  const details = charge.payment_method_details.card as { multicapture?: { status: string } };
  const several = details.multicapture?.status === 'available';
  if (options.final === false && !several) {
    throw invalidParam(
      'This PaymentIntent is not eligible for multicapture: `final_capture` can be `false` only when `payment_method_details.card.multicapture.status` of its charge is `available`.',
      'final_capture',
    );
  }
  const final = options.final ?? true;
  const method = store.get<PaymentMethod>(scope.account, 'payment_method', charge.payment_method);
  const { card } = secretsOf(scope, method);
  const remaining = intent.amount_capturable - amount;
  const captureBefore = charge.payment_method_details.card.capture_before;
  settle(scope, charge, amount, card);
  const received = intent.amount_received + amount;
  if (!final && remaining > 0) {
    if (captureBefore !== undefined) charge.payment_method_details.card.capture_before = captureBefore;
    const partly: PaymentIntent = { ...intent, amount_capturable: remaining, amount_received: received };
    store.update(charge);
    store.update(partly);
    events.emit(scope, 'charge.captured', charge);
    events.emit(scope, 'payment_intent.amount_capturable_updated', partly);
    return partly;
  }
  const done: PaymentIntent = { ...intent, amount_capturable: 0, amount_received: received, status: 'succeeded' };
  store.update(charge);
  store.update(done);
  timers.cancel(intent.id, AUTHORIZATION_EXPIRY);
  events.emit(scope, 'charge.captured', charge);
  events.emit(scope, 'payment_intent.succeeded', done);
  disputeIfTold(scope, charge, card);
  return done;
}
