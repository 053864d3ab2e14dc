import { newId } from '../ids.ts';
import type { Charge, Dispute, DisputeStatus } from '../types.ts';
import type { Scope } from '../world.ts';
import { book } from './balance.ts';

const TERM = 21 * 86_400;
const DISPUTE_FEE = 1500;

/** All evidence members, unset. */
const NO_EVIDENCE = Object.fromEntries([
  'access_activity_log', 'billing_address', 'cancellation_policy', 'cancellation_policy_disclosure',
  'cancellation_rebuttal', 'customer_communication', 'customer_email_address', 'customer_name',
  'customer_purchase_ip', 'customer_signature', 'duplicate_charge_documentation',
  'duplicate_charge_explanation', 'duplicate_charge_id', 'product_description', 'receipt', 'refund_policy',
  'refund_policy_disclosure', 'refund_refusal_explanation', 'service_date', 'service_documentation',
  'shipping_address', 'shipping_carrier', 'shipping_date', 'shipping_documentation',
  'shipping_tracking_number', 'uncategorized_file', 'uncategorized_text',
].map((name) => [name, null]));

/** The cardholder disputes a captured charge: the money and a fee leave the balance; an inquiry only asks. */
export function openDispute(scope: Scope, charge: Charge, told: { reason: string; inquiry?: boolean }): Dispute {
  const { store, events } = scope.world;
  const id = newId('dp');
  const dispute: Dispute = {
    id,
    object: 'dispute',
    amount: charge.amount_captured,
    balance_transactions: told.inquiry ? [] : [withdraw(scope, id, charge)],
    charge: charge.id,
    created: scope.now,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: { ...NO_EVIDENCE, enhanced_evidence: {} },
    evidence_details: {
      due_by: scope.now + TERM,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    },
    is_charge_refundable: told.inquiry ?? false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method_details: {
      card: {
        brand: charge.payment_method_details.card.brand,
        case_type: told.inquiry ? 'inquiry' : 'chargeback',
        network: charge.payment_method_details.card.brand,
        network_reason_code: told.reason === 'fraudulent' ? '10.4' : '13.1',
      },
      type: 'card',
    },
    reason: told.reason,
    status: told.inquiry ? 'warning_needs_response' : 'needs_response',
  };
  store.insert(scope.account, dispute);
  if (!told.inquiry) {
    charge.disputed = true;
    store.update(charge);
  }
  events.emit(scope, 'charge.dispute.created', dispute);
  if (!told.inquiry) events.emit(scope, 'charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

const withdraw = (scope: Scope, id: string, charge: Charge) =>
  book(scope, {
    type: 'adjustment',
    category: 'dispute',
    source: id,
    amount: -charge.amount_captured,
    currency: charge.currency,
    fee: DISPUTE_FEE,
    feeName: 'Dispute fee',
    description: `Chargeback withdrawal for ${charge.id}`,
  });

/** Ends a dispute; a won one gives the money and the fee back. */
export function closeDispute(scope: Scope, dispute: Dispute, status: DisputeStatus): Dispute {
  const { store, events } = scope.world;
  const closed: Dispute = { ...dispute, status };
  if (status === 'won') {
    closed.balance_transactions = [
      ...dispute.balance_transactions,
      book(scope, {
        type: 'adjustment',
        category: 'dispute_reversal',
        source: dispute.id,
        amount: dispute.amount,
        currency: dispute.currency,
        fee: -DISPUTE_FEE,
        feeName: 'Dispute fee refund',
        description: `Chargeback reversal for ${dispute.charge}`,
      }),
    ];
  }
  store.update(closed);
  events.emit(scope, 'charge.dispute.closed', closed);
  if (status === 'won') events.emit(scope, 'charge.dispute.funds_reinstated', closed);
  return closed;
}
