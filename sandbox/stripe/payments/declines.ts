import { docUrl } from '../errors.ts';
import type { ApiError } from '../types.ts';
import type { CardDecline } from './cards.ts';

type Advice = 'confirm_card_data' | 'do_not_try_again' | 'try_again_later';

interface DeclineFacts {
  /** The error code; most declines share `card_declined`. */
  code: string;
  message: string;
  advice: Advice;
  /** ISO 8583 answer of the network. */
  network: string;
  /** Mastercard merchant advice code. */
  networkAdvice?: string;
}

const declined = (network: string, advice: Advice, message = 'Your card was declined.', networkAdvice?: string): DeclineFacts => ({
  code: 'card_declined', message, advice, network, ...(networkAdvice && { networkAdvice }),
});

/** What Stripe says for each decline. Codes and words: docs.stripe.com/testing and /declines/codes. */
const FACTS: Record<string, DeclineFacts> = {
  generic_decline: declined('01', 'try_again_later'),
  do_not_honor: declined('05', 'try_again_later'),
  call_issuer: declined('02', 'try_again_later'),
  try_again_later: declined('91', 'try_again_later'),
  issuer_not_available: declined('91', 'try_again_later'),
  reenter_transaction: declined('19', 'try_again_later'),
  approve_with_id: declined('08', 'try_again_later'),
  insufficient_funds: declined('51', 'try_again_later', 'Your card has insufficient funds.'),
  card_velocity_exceeded: declined(
    '65', 'try_again_later',
    'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
  ),
  withdrawal_count_limit_exceeded: declined('61', 'try_again_later'),
  lost_card: declined('41', 'do_not_try_again', undefined, '03'),
  stolen_card: declined('43', 'do_not_try_again', undefined, '03'),
  pickup_card: declined('04', 'do_not_try_again', undefined, '03'),
  restricted_card: declined('62', 'do_not_try_again'),
  fraudulent: declined('59', 'do_not_try_again'),
  do_not_try_again: declined('R0', 'do_not_try_again', undefined, '03'),
  revocation_of_authorization: declined('R1', 'do_not_try_again', undefined, '03'),
  revocation_of_all_authorizations: declined('R3', 'do_not_try_again', undefined, '03'),
  stop_payment_order: declined('R0', 'do_not_try_again', undefined, '03'),
  transaction_not_allowed: declined('57', 'do_not_try_again'),
  security_violation: declined('63', 'do_not_try_again'),
  invalid_account: declined('14', 'confirm_card_data', undefined, '01'),
  card_not_supported: declined('57', 'do_not_try_again', 'Your card is not supported.'),
  currency_not_supported: declined('57', 'do_not_try_again', 'Your card does not support this currency.'),
  pin_try_exceeded: declined('75', 'do_not_try_again'),
  duplicate_transaction: declined('94', 'try_again_later'),
  expired_card: {
    code: 'expired_card', message: 'Your card has expired.', advice: 'confirm_card_data', network: '54', networkAdvice: '01',
  },
  incorrect_cvc: {
    code: 'incorrect_cvc', message: "Your card's security code is incorrect.", advice: 'confirm_card_data', network: 'N7',
  },
  incorrect_number: {
    code: 'incorrect_number', message: 'Your card number is incorrect.', advice: 'confirm_card_data', network: '14',
  },
  processing_error: {
    code: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
    advice: 'try_again_later',
    network: '96',
  },
  authentication_required: {
    code: 'authentication_required',
    message: 'Your card was declined. This transaction requires authentication.',
    advice: 'confirm_card_data',
    network: '1A',
  },
};

const factsOf = (reason: string): DeclineFacts => FACTS[reason] ?? declined('05', 'try_again_later');

/** All decline reasons that a fault switch may force. */
export const DECLINE_REASONS = Object.keys(FACTS);

/** The `error` of a declined charge, without the objects that are added where it is used. */
export function cardError(decline: CardDecline, brand: string, chargeId?: string): ApiError {
  const facts = factsOf(decline.reason);
  return {
    advice_code: facts.advice,
    ...(chargeId && { charge: chargeId }),
    code: facts.code,
    decline_code: decline.reason,
    doc_url: docUrl(facts.code),
    message: facts.message,
    ...(decline.blocked ? {} : { network_decline_code: facts.network }),
    ...(facts.networkAdvice && brand === 'mastercard' ? { network_advice_code: facts.networkAdvice } : {}),
    type: 'card_error',
  };
}

/** A charge's `outcome`: who said what, and how risky it looked. */
export function outcomeOf(decline: CardDecline | undefined, risk: 'normal' | 'elevated' | 'highest', brand: string) {
  const score = { normal: 24, elevated: 68, highest: 92 }[risk];
  if (!decline) {
    return {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: 'approved_by_network',
      reason: risk === 'elevated' ? 'elevated_risk_level' : null,
      risk_level: risk,
      risk_score: score,
      seller_message: 'Payment complete.',
      type: 'authorized',
    };
  }
  const facts = factsOf(decline.reason);
  if (decline.blocked) {
    return {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: 'not_sent_to_network',
      reason: 'highest_risk_level',
      risk_level: 'highest',
      risk_score: 92,
      seller_message: 'Stripe blocked this payment as too risky.',
      type: 'blocked',
    };
  }
  return {
    advice_code: facts.advice,
    network_advice_code: brand === 'mastercard' ? (facts.networkAdvice ?? null) : null,
    network_decline_code: facts.network,
    network_status: 'declined_by_network',
    reason: decline.reason,
    risk_level: risk,
    risk_score: score,
    seller_message: `The bank returned the decline code \`${decline.reason}\`.`,
    type: 'issuer_declined',
  };
}
