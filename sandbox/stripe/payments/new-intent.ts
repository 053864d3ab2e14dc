import { invalidParam, invalidState } from '../errors.ts';
import type { Hash } from '../types.ts';

/** Stripe's smallest charge per currency, in minor units; 50 where it is not known better. */
const MINIMUM: Record<string, number> = {
  gbp: 30, dkk: 250, nok: 300, sek: 300, hkd: 400, mxn: 1000, pln: 200, czk: 1500, huf: 17_500, ron: 200, aed: 200, bgn: 100,
};
/** Sent with two decimals that must be zero: https://docs.stripe.com/currencies#special-cases. */
const WHOLE_ONLY = new Set(['isk', 'ugx']);
const MAXIMUM = 99_999_999;
const CURRENCIES = new Set(Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()));

/** Checks an amount as Stripe does. */
export function checkAmount(amount: number, currency: string): number {
  if (amount < 1) throw invalidParam('This value must be greater than or equal to 1.', 'amount', 'parameter_invalid_integer');
  if (WHOLE_ONLY.has(currency) && amount % 100 !== 0) {
    throw invalidState(
      'invalid_charge_amount_no_decimal_compatible',
      `Invalid amount. Currency ${currency.toUpperCase()} has become effectively zero-decimal and charged amounts must be evenly divisible by 100.`,
      { param: 'amount' },
    );
  }
  const minimum = MINIMUM[currency] ?? 50;
  if (amount < minimum) {
    throw invalidState(
      'amount_too_small',
      `Amount must be at least ${minimum} ${currency} (minor units)`,
      { param: 'amount' },
    );
  }
  if (amount > MAXIMUM) {
    throw invalidState('amount_too_large', `Amount must be no more than ${MAXIMUM} ${currency} (minor units)`, { param: 'amount' });
  }
  return amount;
}

/** A currency in lower case, as Stripe answers it. */
export function checkCurrency(given: string): string {
  const currency = given.toLowerCase();
  if (!CURRENCIES.has(currency)) {
    throw invalidParam(`Invalid currency: ${currency}. Stripe currently supports ISO 4217 codes.`, 'currency');
  }
  return currency;
}

/**
 * How an intent takes payment methods: those allowed by name, or automatically (the default). Version endive
 * has no `payment_method_types` parameter any more; the answer's member of that name says what came of it.
 */
export function methodTypes(allowed: string[] | undefined, automatic: Hash | null | undefined) {
  if (allowed) {
    if (allowed.length === 0 || allowed.some((type) => type !== 'card')) {
      throw invalidParam('The sandbox knows only payment methods of type card.', 'allowed_payment_method_types');
    }
    return { allowed_payment_method_types: allowed, automatic_payment_methods: null, payment_method_types: allowed };
  }
  const enabled = automatic?.enabled !== 'false';
  const redirects = typeof automatic?.allow_redirects === 'string' ? automatic.allow_redirects : 'always';
  return {
    allowed_payment_method_types: null,
    automatic_payment_methods: enabled ? { allow_redirects: redirects, enabled: true } : null,
    payment_method_types: ['card'],
  };
}

/** `payment_method_options[card]` merged over what an intent has. */
export function cardOptions<T extends Hash>(current: T, given: Hash | null | undefined): T {
  const card = given?.card;
  if (typeof card !== 'object' || card === null) return current;
  return { ...current, ...card };
}
