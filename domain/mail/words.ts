/**
 * What a code means to the person who reads the mail. An unknown code gets the general sentence: a customer
 * never reads a code, a merchant reads it beside the sentence.
 */
const declines: Record<string, string> = {
  insufficient_funds: 'Your bank said that there are not enough funds.',
  expired_card: 'The card has expired.',
  incorrect_cvc: 'The security code of the card was not right.',
  invalid_cvc: 'The security code of the card was not right.',
  incorrect_number: 'The card number was not right.',
  processing_error: 'The bank could not process the card just now. Trying again often helps.',
  issuer_not_available: 'The bank could not be reached. Trying again later often helps.',
  try_again_later: 'The bank asks to try again later.',
  authentication_required: 'Your bank asks you to confirm the payment.',
  payment_intent_authentication_failure: 'The confirmation with your bank did not succeed.',
  card_velocity_exceeded: 'The limit of the card is reached.',
  withdrawal_count_limit_exceeded: 'The limit of the card is reached.',
  card_not_supported: 'The card does not support this kind of payment.',
  currency_not_supported: 'The card does not support this currency.',
};

const cancellations: Record<string, string> = {
  customer_request: 'It was cancelled as you asked.',
  requested_by_customer: 'It was cancelled as you asked.',
  out_of_stock: 'What you ordered is no longer available.',
  expired: 'No payment arrived in time.',
  unpaid: 'No payment arrived in time.',
  payment_failed: 'The payment did not succeed.',
  authorization_lapsed: 'The payment authorisation ran out before the order could be sent.',
};

const attentions: Record<string, string> = {
  void_failed: 'A payment authorisation could not be released.',
  capture_failed: 'A payment could not be captured.',
  refund_failed: 'A refund could not be completed.',
  payment_unknown: 'The outcome of a payment is not known yet.',
  authorization_lapsing: 'A payment authorisation is about to run out. Ship the order or capture its payment before then.',
  authorization_lapsed: 'A payment authorisation ran out before the order was shipped.',
  payment_after_close: 'Money arrived for an order that is already closed.',
  payment_disputed: 'A customer has disputed a payment.',
  renewal_declined: 'A payment authorisation could not be renewed: the card was declined.',
  write_refused: 'What the order wants to record is refused by the database. It waits, and tries again by itself once the cause is mended.',
};

/** Why a payment was declined; says nothing of lost or stolen cards, as Stripe asks (decline code documentation). */
export function declineWords(code: string | undefined): string {
  return declines[code ?? ''] ?? 'Your bank did not accept the payment.';
}

/** Why an order was cancelled, or null when there is nothing to add. */
export function cancellationWords(code: string | undefined): string | null {
  return cancellations[code ?? ''] ?? null;
}

/** What a merchant has to look at. */
export function attentionWords(code: string | undefined): string {
  return attentions[code ?? ''] ?? 'An order needs somebody to look at it.';
}
