/**
 * Declines in words that a customer understands. Stripe's published decline codes are the list
 * (https://docs.stripe.com/declines/codes); as it asks there, nothing is said about cards reported lost or
 * stolen or payments held to be fraudulent: the customer reads a general refusal.
 */

/** What would help, one sentence per class of reason. */
const advice = {
  check: 'Check the details and try again.',
  another: 'Please pay with another card or method.',
  bank: 'Ask your bank, or pay with another card or method.',
  again: 'Please try again in a moment. If it happens again, pay with another card or method.',
  funds: 'Add funds, or pay with another card or method.',
  confirm: 'Try again and confirm the payment when your bank asks you to.',
} as const;

type Advice = keyof typeof advice;

const general = 'Your bank did not accept the payment.';

const reasons: Record<string, readonly [string, Advice]> = {
  insufficient_funds: ['There are not enough funds for this payment.', 'funds'],
  withdrawal_count_limit_exceeded: ['The limit of the card is reached.', 'another'],
  card_velocity_exceeded: ['The limit of the card is reached.', 'another'],
  expired_card: ['The card has expired.', 'another'],
  incorrect_cvc: ['The security code of the card is not right.', 'check'],
  invalid_cvc: ['The security code of the card is not right.', 'check'],
  incorrect_number: ['The card number is not right.', 'check'],
  invalid_number: ['The card number is not right.', 'check'],
  invalid_expiry_month: ['The expiry month of the card is not right.', 'check'],
  invalid_expiry_year: ['The expiry year of the card is not right.', 'check'],
  incorrect_address: ['The address does not match the one that the bank knows.', 'check'],
  incorrect_zip: ['The postal code does not match the one that the bank knows.', 'check'],
  incorrect_pin: ['The PIN is not right.', 'check'],
  invalid_pin: ['The PIN is not right.', 'check'],
  offline_pin_required: ['The card asks for its PIN.', 'another'],
  online_or_offline_pin_required: ['The card asks for its PIN.', 'another'],
  pin_try_exceeded: ['The PIN was entered wrongly too often.', 'another'],
  processing_error: ['The payment could not be processed just now.', 'again'],
  issuer_not_available: ['Your bank could not be reached.', 'again'],
  try_again_later: ['Your bank asks to try again later.', 'again'],
  reenter_transaction: ['Your bank asks to try again.', 'again'],
  approve_with_id: ['Your bank could not authorise the payment.', 'again'],
  authentication_required: ['Your bank asks you to confirm the payment.', 'confirm'],
  authentication_not_handled: ['Your bank asks you to confirm the payment.', 'confirm'],
  payment_intent_authentication_failure: ['The confirmation with your bank did not succeed.', 'confirm'],
  setup_intent_authentication_failure: ['The confirmation with your bank did not succeed.', 'confirm'],
  mobile_device_authentication_required: ['Your bank asks you to confirm the payment on your device.', 'confirm'],
  payment_method_not_found: ['This payment method is not known.', 'another'],
  payment_method_invalid: ['This payment method can not be used.', 'another'],
  payment_method_not_available: ['This payment method can not be used.', 'another'],
  payment_method_currency_mismatch: ['This payment method can not be used in this currency.', 'another'],
  amount_too_small: ['The amount is too small to be paid in this way.', 'another'],
  amount_too_large: ['The amount is too large to be paid in this way.', 'another'],
  amount_not_chargeable: ['The amount can not be paid in this way.', 'another'],
  invalid_currency: ['This currency can not be paid in this way.', 'another'],
  card_not_supported: ['The card does not support this kind of payment.', 'another'],
  currency_not_supported: ['The card does not support this currency.', 'another'],
  invalid_account: ['The card is not connected to an account that can pay.', 'bank'],
  new_account_information_available: ['The details of the card have changed.', 'bank'],
  invalid_amount: ['Your bank does not allow a payment of this amount.', 'bank'],
  duplicate_transaction: ['A payment of the same amount was made a moment ago.', 'bank'],
  testmode_decline: ['A test card can not be used here.', 'another'],
  live_mode_test_card: ['A test card can not be used here.', 'another'],
  test_mode_live_card: ['Only test cards can be used here.', 'another'],
};

/** Codes of the second kind: general in words, since the bank gives no reason or the customer is not to be told. */
const generalCodes = [
  'call_issuer', 'card_declined', 'do_not_honor', 'do_not_try_again', 'fraudulent', 'generic_decline', 'highest_risk_level', 'lost_card',
  'merchant_blacklist', 'no_action_taken', 'not_permitted', 'pickup_card', 'restricted_card', 'revocation_of_all_authorizations',
  'revocation_of_authorization', 'security_violation', 'service_not_allowed', 'stolen_card', 'stop_payment_order', 'transaction_not_allowed',
  'previously_declined_do_not_retry',
] as const;

/** Every code with words of its own or deliberately without; a test holds the list against the documented one. */
export const knownDeclineCodes: readonly string[] = [...Object.keys(reasons), ...generalCodes];

/** What to tell the customer: what happened, and what would help. Never the code itself. */
export function declineMessage({ code, declineCode }: { code: string; declineCode?: string }): string {
  const [reason, help] = reasons[declineCode ?? ''] ?? reasons[code] ?? [general, 'bank'];
  return `${reason} ${advice[help]}`;
}
