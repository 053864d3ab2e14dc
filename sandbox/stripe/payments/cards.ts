/** Why a charge fails. `blocked`: by Radar, never sent to the network. */
export interface CardDecline {
  reason: string;
  blocked?: boolean;
}

/**
 * When a card asks for 3-D Secure: `always`; `unless_set_up` (not off-session once it was authenticated for
 * later use); `on_session` (already set up: only with the customer present).
 */
export type Authentication = 'always' | 'unless_set_up' | 'on_session';

export interface TestCard {
  number: string;
  brand: string;
  country: string;
  funding: 'credit' | 'debit' | 'prepaid';
  /** Tokens after `pm_card_` and `tok_`. */
  tokens: string[];
  decline?: CardDecline;
  /** Declines only when charged; can be attached to a customer. */
  attachable?: boolean;
  authentication?: Authentication;
  risk?: 'elevated' | 'highest';
  dispute?: { reason: string; inquiry?: boolean };
  refund?: 'pending' | 'fails';
  cvcCheck?: 'fail';
  /** Funds are available at once instead of in two days. */
  availableAtOnce?: boolean;
}

type Extras = Partial<Omit<TestCard, 'number' | 'tokens' | 'brand'>>;
const card = (brand: string, number: string, tokens: string, extras: Extras = {}): TestCard => ({
  number, brand, country: 'US', funding: 'credit', tokens: tokens ? tokens.split(' ') : [], ...extras,
});
const visa = (number: string, tokens: string, extras: Extras = {}): TestCard => card('visa', number, tokens, extras);
const declines = (reason: string, extras: Extras = {}): Extras => ({ decline: { reason }, ...extras });

/** The documented test cards (docs.stripe.com/testing), and what each of them does. */
export const TEST_CARDS: readonly TestCard[] = [
  visa('4242424242424242', 'visa us'),
  visa('4000056655665556', 'visa_debit', { funding: 'debit' }),
  card('mastercard', '5555555555554444', 'mastercard'),
  card('mastercard', '2223003122003222', ''),
  card('mastercard', '5200828282828210', 'mastercard_debit', { funding: 'debit' }),
  card('mastercard', '5105105105105100', 'mastercard_prepaid', { funding: 'prepaid' }),
  card('amex', '378282246310005', 'amex'),
  card('amex', '371449635398431', ''),
  card('discover', '6011111111111117', 'discover'),
  card('diners', '3056930009020004', 'diners'),
  card('jcb', '3566002020360505', 'jcb'),
  card('unionpay', '6200000000000005', 'unionpay'),
  visa('4000000760000002', 'br', { country: 'BR' }),
  visa('4000001240000000', 'ca', { country: 'CA' }),
  visa('4000004840008001', 'mx', { country: 'MX' }),
  visa('4000008260000000', 'gb', { country: 'GB' }),
  visa('4000002760000016', 'de', { country: 'DE' }),
  visa('4000002500000003', 'fr', { country: 'FR' }),
  visa('4000007240000007', 'es', { country: 'ES' }),
  visa('4000005280000002', 'nl', { country: 'NL' }),
  visa('4000000360000006', 'au', { country: 'AU' }),
  visa('4000003920000003', 'jp', { country: 'JP' }),
  visa('4000003560000008', 'in', { country: 'IN' }),

  visa('4000000000000002', 'visa_chargeDeclined chargeDeclined', declines('generic_decline')),
  visa('4000000000009995', 'visa_chargeDeclinedInsufficientFunds chargeDeclinedInsufficientFunds', declines('insufficient_funds')),
  visa('4000000000009987', 'visa_chargeDeclinedLostCard chargeDeclinedLostCard', declines('lost_card')),
  visa('4000000000009979', 'visa_chargeDeclinedStolenCard chargeDeclinedStolenCard', declines('stolen_card')),
  visa('4000000000000069', 'chargeDeclinedExpiredCard visa_chargeDeclinedExpiredCard', declines('expired_card')),
  visa('4000000000000127', 'chargeDeclinedIncorrectCvc visa_chargeDeclinedIncorrectCvc', declines('incorrect_cvc', { cvcCheck: 'fail' })),
  visa('4000000000000119', 'chargeDeclinedProcessingError visa_chargeDeclinedProcessingError', declines('processing_error')),
  visa('4000000000006975', 'visa_chargeDeclinedVelocityLimitExceeded chargeDeclinedVelocityLimitExceeded', declines('card_velocity_exceeded')),
  visa('4000000000000341', 'chargeCustomerFail', declines('generic_decline', { attachable: true })),
  visa('4242424242424241', 'chargeDeclinedIncorrectNumber', declines('incorrect_number')),

  visa('4100000000000019', 'radarBlock', { decline: { reason: 'fraudulent', blocked: true }, risk: 'highest', attachable: true }),
  visa('4000000000004954', 'riskLevelHighest', { decline: { reason: 'fraudulent', blocked: true }, risk: 'highest', attachable: true }),
  visa('4000000000009235', 'riskLevelElevated', { risk: 'elevated' }),
  visa('4000000000000101', 'cvcCheckFail', { cvcCheck: 'fail' }),

  visa('4000000000000259', 'createDispute', { dispute: { reason: 'fraudulent' } }),
  visa('4000000000002685', 'createDisputeProductNotReceived', { dispute: { reason: 'product_not_received' } }),
  visa('4000000000001976', 'createDisputeInquiry', { dispute: { reason: 'fraudulent', inquiry: true } }),
  visa('4000000000007726', 'pendingRefund', { refund: 'pending' }),
  visa('4000000000005126', 'refundFail', { refund: 'fails' }),
  visa('4000000000000077', 'bypassPending', { availableAtOnce: true }),

  visa('4000002500003155', 'authenticationRequiredOnSetup', { authentication: 'unless_set_up', country: 'FR' }),
  visa('4000002760003184', 'authenticationRequired', { authentication: 'always', country: 'DE' }),
  visa('4000003800000446', 'authenticationRequiredSetupForOffSession', { authentication: 'on_session' }),
  visa('4000008260003178', 'authenticationRequiredChargeDeclinedInsufficientFunds', declines('insufficient_funds', { authentication: 'always', country: 'GB', attachable: true })),
  visa('4000000000003220', 'threeDSecure2Required', { authentication: 'always' }),
  visa('4000000000003063', 'threeDSecureRequired', { authentication: 'always' }),
  visa('4000008400001629', 'threeDSecureRequiredChargeDeclined', declines('generic_decline', { authentication: 'always', attachable: true })),
  visa('4000000000003055', 'threeDSecureOptional'),
];

const BY_NUMBER = new Map(TEST_CARDS.map((one) => [one.number, one]));
const BY_TOKEN = new Map(TEST_CARDS.flatMap((one) => one.tokens.map((token) => [token, one] as const)));

/** The test card behind `pm_card_…` or `tok_…`, if it is one. */
export function cardOfToken(token: string): TestCard | undefined {
  const match = /^(?:pm_card_|tok_)(.+)$/.exec(token);
  return match?.[1] === undefined ? undefined : BY_TOKEN.get(match[1]);
}

/** The test card with this number. */
export const cardOfNumber = (number: string): TestCard | undefined => BY_NUMBER.get(number.replaceAll(/[\s-]/g, ''));
