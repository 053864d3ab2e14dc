import { createHash } from 'node:crypto';
import { invalidParam, noSuch, StripeError } from '../errors.ts';
import { updateAndEmit } from '../events.ts';
import { newId } from '../ids.ts';
import { integer, mergeMetadata, toBillingDetails } from '../params.ts';
import type { Hash, PaymentMethod, PaymentMethodSecrets } from '../types.ts';
import type { Scope } from '../world.ts';
import { cardOfNumber, cardOfToken, type TestCard } from './cards.ts';
import { cardError } from './declines.ts';

/** What a method is made of besides its card. */
export interface Particulars {
  billingDetails?: unknown;
  metadata?: Hash | '' | undefined;
  expMonth?: number;
  expYear?: number;
}

/** Makes and stores a payment method of a test card. Not yet attached to a customer. */
export function createPaymentMethod(scope: Scope, card: TestCard, given: Particulars = {}): PaymentMethod {
  const method: PaymentMethod = {
    id: newId('pm'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: toBillingDetails(given.billingDetails),
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: card.cvcCheck ?? 'pass' },
      country: card.country,
      display_brand: card.brand,
      exp_month: given.expMonth ?? 12,
      exp_year: given.expYear ?? new Date(scope.now * 1000).getUTCFullYear() + 3,
      fingerprint: createHash('sha256').update(card.number).digest('base64url').replaceAll(/[-_]/g, '').slice(0, 16),
      funding: card.funding,
      generated_from: null,
      last4: card.number.slice(-4),
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
    created: scope.now,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: mergeMetadata({}, given.metadata),
    type: 'card',
  };
  scope.world.store.insert(scope.account, method, { number: card.number } satisfies PaymentMethodSecrets);
  return method;
}

/** The card of `card[number]`, `card[token]` or a token; Stripe's refusals for what is no card. */
export function cardOfParams(card: Hash): TestCard {
  if (typeof card.token === 'string') {
    const found = cardOfToken(card.token);
    if (!found) throw noSuch('token', card.token, 'card[token]');
    return found;
  }
  if (typeof card.number !== 'string') throw invalidParam('Missing required param: card[number].', 'card[number]', 'parameter_missing');
  const found = cardOfNumber(card.number);
  if (!found || found.decline?.reason === 'incorrect_number') {
    throw new StripeError(402, { ...cardError({ reason: 'incorrect_number', blocked: true }, 'visa'), param: 'number' });
  }
  return found;
}

/** Month and year of `card[exp_…]`, checked as Stripe checks them. */
export function expiryOfParams(card: Hash, now: number): { expMonth?: number; expYear?: number } {
  if (card.exp_month === undefined) return {};
  const month = integer('card[exp_month]', card.exp_month);
  const given = integer('card[exp_year]', card.exp_year);
  const year = given < 100 ? 2000 + given : given;
  const today = new Date(now * 1000);
  const wrong = (code: string, message: string, param: string) =>
    new StripeError(402, { code, message, param, type: 'card_error' });
  if (month < 1 || month > 12) {
    throw wrong('invalid_expiry_month', "Your card's expiration month is invalid.", 'exp_month');
  }
  if (year < today.getUTCFullYear() || (year === today.getUTCFullYear() && month < today.getUTCMonth() + 1)) {
    throw wrong('invalid_expiry_year', "Your card's expiration year is invalid.", 'exp_year');
  }
  return { expMonth: month, expYear: year };
}

/**
 * The method that a parameter names. A test token (`pm_card_visa`) makes a new method each time, as with
 * Stripe; the token itself can never be attached or listed.
 */
export function resolvePaymentMethod(scope: Scope, id: string, param = 'payment_method'): PaymentMethod {
  const card = cardOfToken(id);
  if (card) return createPaymentMethod(scope, card);
  const found = scope.world.store.find<PaymentMethod>(scope.account, 'payment_method', id);
  if (!found) throw noSuch('PaymentMethod', id, param);
  return found;
}

/** What the sandbox knows of a method, and its test card. */
export function secretsOf(scope: Scope, method: PaymentMethod): { secrets: PaymentMethodSecrets; card: TestCard } {
  const secrets = scope.world.store.hidden<PaymentMethodSecrets>(method.id);
  const card = cardOfNumber(secrets.number);
  if (!card) throw new Error(`payment method ${method.id} has no test card`);
  return { secrets, card };
}

/** Attaches to a customer. Declining cards are declined here, except those made to decline later. */
export function attach(scope: Scope, method: PaymentMethod, customer: string, verify = true): PaymentMethod {
  if (method.customer === customer) return method;
  if (method.customer) {
    throw new StripeError(400, {
      message: 'The payment method you provided has already been attached to a customer.',
      type: 'invalid_request_error',
    });
  }
  const { secrets, card } = secretsOf(scope, method);
  if (secrets.used) throw usedUp();
  if (verify && card.decline && !card.attachable) {
    throw new StripeError(402, cardError(card.decline, card.brand));
  }
  return updateAndEmit(scope, 'payment_method.attached', method, { ...method, customer });
}

/** The refusal of a method that was used, or detached, and belongs to no customer. */
export const usedUp = (): StripeError =>
  new StripeError(400, {
    message:
      'The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.',
    type: 'invalid_request_error',
  });
