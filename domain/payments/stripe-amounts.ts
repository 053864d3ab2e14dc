import { MoneyError } from '../money.ts';

interface Special {
  /** Stripe's integer is ours × `times` ÷ `per`. */
  times: number;
  per: number;
  /** Stripe takes only multiples of this, in our minor units. */
  step: number;
}

/**
 * Currencies that Stripe counts otherwise than ISO 4217 (https://docs.stripe.com/currencies#special-cases): króna and
 * shilling have no decimals, yet are sent with two, both zero; the ariary has two in ISO 4217 and none at Stripe; of three
 * decimals the last must be zero. HUF and TWD are special in payouts only.
 */
const special = new Map<string, Special>([
  ['ISK', { times: 100, per: 1, step: 1 }],
  ['UGX', { times: 100, per: 1, step: 1 }],
  ['MGA', { times: 1, per: 100, step: 100 }],
  ...['BHD', 'JOD', 'KWD', 'OMR', 'TND'].map((code) => [code, { times: 1, per: 1, step: 10 }] as const),
]);

/**
 * What every amount that a provider is asked for in a currency must be a multiple of, in minor units by ISO 4217. Part
 * amounts of our own making keep to it, and so does what a caller names: the provider could only say no.
 */
export function chargeableStep(provider: string, currency: string): number {
  return provider === 'stripe' ? (special.get(currency)?.step ?? 1) : 1;
}

/** The most of an amount that is a multiple of the step. */
export function chargeablePart(amount: number, step: number): number {
  return amount - (amount % step);
}

/**
 * What Stripe is sent for an amount.
 * @param amount minor units by ISO 4217
 * @returns undefined when Stripe can't be asked for this amount to the last unit
 */
export function toStripeAmount(amount: number, currency: string): number | undefined {
  const rule = special.get(currency);
  if (!rule) return amount;
  return amount % rule.step === 0 ? (amount * rule.times) / rule.per : undefined;
}

/**
 * An amount of Stripe's in minor units by ISO 4217.
 * @param currency in upper or lower case
 * @throws {MoneyError} for a part of a unit, which Stripe has not taken since 2023
 */
export function fromStripeAmount(amount: number, currency: string): number {
  const rule = special.get(currency.toUpperCase());
  if (!rule) return amount;
  if (amount % rule.times !== 0) throw new MoneyError(`Stripe's ${amount} ${currency} is not a whole number of minor units`);
  return (amount * rule.per) / rule.times;
}
