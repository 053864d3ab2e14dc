import { invalidParam, invalidState } from '../errors.ts';
import { updateAndEmit } from '../events.ts';
import { newId } from '../ids.ts';
import type { Charge, Metadata, PaymentMethod, Refund } from '../types.ts';
import type { Scope } from '../world.ts';
import { book } from './balance.ts';
import { secretsOf } from './payment-method.ts';

export const REFUND_SETTLES = 'refund_settles';
export const REFUND_FAILS = 'refund_fails';
/** Sandbox seconds until a test card's refund settles or fails. */
const SETTLES_AFTER = 5;

export interface RefundOptions {
  amount?: number | undefined;
  reason: string | null;
  metadata: Metadata;
}

/** Returns captured money. The sum of refunds never exceeds what was captured. */
export function refund(scope: Scope, charge: Charge, options: RefundOptions): Refund {
  const { store, events, timers } = scope.world;
  if (charge.disputed) {
    throw invalidState('charge_disputed', `Charge ${charge.id} has been charged back; cannot issue a refund.`);
  }
  const refundable = charge.amount_captured - charge.amount_refunded;
  if (refundable === 0) {
    throw invalidState('charge_already_refunded', `Charge ${charge.id} has already been refunded.`);
  }
  const amount = options.amount ?? refundable;
  if (amount < 1) throw invalidParam('This value must be greater than or equal to 1.', 'amount', 'parameter_invalid_integer');
  if (amount > refundable) {
    throw invalidState(
      undefined,
      `Refund amount (${amount} ${charge.currency}) is greater than unrefunded amount on charge (${refundable} ${charge.currency})`,
      { param: 'amount' },
    );
  }
  const method = store.get<PaymentMethod>(scope.account, 'payment_method', charge.payment_method);
  const { card } = secretsOf(scope, method);
  const made: Refund = {
    id: newId('re'),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: scope.now,
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: {
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
    metadata: options.metadata,
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    ...(card.refund === 'pending' && { pending_reason: 'processing' }),
    reason: options.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: card.refund === 'pending' ? 'pending' : 'succeeded',
    transfer_reversal: null,
  };
  made.balance_transaction = book(scope, {
    type: 'refund', category: 'refund', source: made.id, amount: -amount, currency: charge.currency,
    description: `REFUND FOR CHARGE (${charge.id})`,
  }).id;
  store.insert(scope.account, made);
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount_captured;
  store.update(charge);
  if (card.refund) {
    timers.schedule(scope, made.id, card.refund === 'pending' ? REFUND_SETTLES : REFUND_FAILS, scope.now + SETTLES_AFTER);
  }
  events.emit(scope, 'refund.created', made);
  events.emit(scope, 'charge.refunded', charge);
  return made;
}

/** A pending refund arrives. */
export function settleRefund(scope: Scope, refundId: string): void {
  const pending = scope.world.store.find<Refund>(scope.account, 'refund', refundId);
  if (pending?.status !== 'pending') return;
  const { pending_reason: _, ...rest } = pending;
  const settled = updateAndEmit<Refund>(scope, 'refund.updated', pending, { ...rest, status: 'succeeded' });
  scope.world.events.emit(scope, 'charge.refund.updated', settled);
}

/** The bank sends a refund back: the money returns to the balance and can be refunded otherwise. */
export function failRefund(scope: Scope, refundId: string, status: 'failed' | 'canceled' = 'failed'): Refund | undefined {
  const { store, events } = scope.world;
  const before = store.find<Refund>(scope.account, 'refund', refundId);
  if (!before || before.status === 'failed' || before.status === 'canceled') return undefined;
  const charge = store.get<Charge>(scope.account, 'charge', before.charge);
  const transaction = book(scope, {
    type: 'refund_failure', category: 'refund_failure', source: before.id, amount: before.amount,
    currency: before.currency, description: `REFUND FAILURE (${charge.id})`,
  });
  charge.amount_refunded -= before.amount;
  charge.refunded = false;
  store.update(charge);
  const { pending_reason: _, ...rest } = before;
  const failed = updateAndEmit<Refund>(scope, 'refund.updated', before, {
    ...rest,
    failure_balance_transaction: transaction.id,
    ...(status === 'failed' && { failure_reason: 'expired_or_canceled_card' }),
    status,
  });
  if (status === 'failed') events.emit(scope, 'refund.failed', failed);
  events.emit(scope, 'charge.refund.updated', failed);
  return failed;
}
