import { newId, randomText } from '../ids.ts';
import type { Charge, PaymentIntent, PaymentMethod } from '../types.ts';
import type { Scope } from '../world.ts';
import { book, feeOf } from './balance.ts';
import type { CardDecline, TestCard } from './cards.ts';
import { cardError, outcomeOf } from './declines.ts';

const DAY = 86_400;
/** Visa holds a merchant-initiated authorisation for five days less a safety margin of six hours. */
const VISA_OFF_SESSION_HOLD = 4 * DAY + 18 * 3600;
const HOLD = 7 * DAY;
/** Whose cards Stripe captures several times (docs.stripe.com/payments/multicapture). */
const MULTICAPTURE_BRANDS: readonly string[] = ['amex', 'visa', 'discover', 'mastercard'];

export interface Attempt {
  intent: PaymentIntent;
  method: PaymentMethod;
  card: TestCard;
  offSession: boolean;
  authenticated: boolean;
  decline?: CardDecline | undefined;
}

/** Makes and stores the charge of one attempt: authorised, or failed with its reason. Not captured yet. */
export function createCharge(scope: Scope, attempt: Attempt): Charge {
  const { intent, method, card, decline } = attempt;
  const id = newId('ch');
  const error = decline && cardError(decline, card.brand, id);
  const manual = intent.capture_method === 'manual';
  const hold = attempt.offSession && card.brand === 'visa' ? VISA_OFF_SESSION_HOLD : HOLD;
  const wantsMulticapture = intent.payment_method_options.card.request_multicapture === 'if_available';
  const multicapture = wantsMulticapture && manual && scope.world.multicapture() && MULTICAPTURE_BRANDS.includes(card.brand);
  const charge: Charge = {
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: method.billing_details,
    calculated_statement_descriptor: intent.statement_descriptor ?? 'PERDURA SANDBOX',
    captured: false,
    created: scope.now,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: error?.code ?? null,
    failure_message: error?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcomeOf(decline, card.risk ?? 'normal', card.brand),
    paid: !decline,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: {
      card: {
        amount_authorized: decline ? null : intent.amount,
        authorization_code: decline ? null : String(100_000 + (intent.amount % 900_000)),
        brand: card.brand,
        ...(manual && !decline && { capture_before: scope.now + hold }),
        checks: method.card.checks,
        country: card.country,
        exp_month: method.card.exp_month,
        exp_year: method.card.exp_year,
        extended_authorization: { status: 'disabled' },
        fingerprint: method.card.fingerprint,
        funding: card.funding,
        incremental_authorization: { status: 'unavailable' },
        installments: null,
        last4: method.card.last4,
        mandate: null,
        multicapture: { status: multicapture ? 'available' : 'unavailable' },
        network: card.brand,
        network_token: { used: false },
        network_transaction_id: decline ? null : randomText(15),
        overcapture: { maximum_amount_capturable: intent.amount, status: 'unavailable' },
        regulated_status: 'unregulated',
        three_d_secure: attempt.authenticated ? THREE_D_SECURE : null,
        transaction_link_id: null,
        wallet: null,
      },
      type: 'card',
    },
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: decline ? null : `${scope.world.baseUrl()}/receipts/${id}`,
    refunded: false,
    review: null,
    shipping: intent.shipping,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: decline ? 'failed' : 'succeeded',
    transfer_data: null,
    transfer_group: intent.transfer_group,
  };
  if (!decline && !manual) settle(scope, charge, intent.amount, card);
  scope.world.store.insert(scope.account, charge);
  return charge;
}

/** Captures an amount: the charge is changed in place and has to be saved, the balance is booked. */
export function settle(scope: Scope, charge: Charge, amount: number, card: TestCard): void {
  charge.amount_captured += amount;
  charge.captured = true;
  delete charge.payment_method_details.card.capture_before;
  charge.balance_transaction = book(scope, {
    type: 'charge',
    category: 'charge',
    source: charge.id,
    amount,
    currency: charge.currency,
    fee: feeOf(amount),
    description: charge.description,
    availableAtOnce: card.availableAtOnce ?? false,
  }).id;
}

const THREE_D_SECURE = {
  authentication_flow: 'challenge',
  electronic_commerce_indicator: '05',
  exemption_indicator: null,
  result: 'authenticated',
  result_reason: null,
  transaction_id: '5d3e4f0a-1f0b-4a51-9a3c-3c8f2b6c7d1e',
  version: '2.2.0',
};
