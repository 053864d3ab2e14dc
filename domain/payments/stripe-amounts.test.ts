import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { currencyExponent, MoneyError } from '../money.ts';
import { fromStripeAmount, toStripeAmount } from './stripe-amounts.ts';

/** Decimals of Stripe's integers: https://docs.stripe.com/currencies#zero-decimal, #three-decimal, #special-cases. */
const zero = ['BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'];
const three = ['BHD', 'JOD', 'KWD', 'OMR', 'TND'];
const two = ['AED', 'AUD', 'CAD', 'CHF', 'EUR', 'GBP', 'HUF', 'IDR', 'ISK', 'TWD', 'UGX', 'USD'];
const stripeDecimals = new Map([...zero.map((code) => [code, 0] as const), ...three.map((code) => [code, 3] as const), ...two.map((code) => [code, 2] as const)]);

const currency = fc.constantFrom(...stripeDecimals.keys());
const amount = fc.integer({ min: 0, max: 9_999_999_999_999 });

describe('amounts at Stripe', () => {
  it.each([
    ['ISK', 5, 500], ['UGX', 5, 500], ['MGA', 500, 5], ['MGA', 550, undefined], ['KWD', 5120, 5120], ['KWD', 5124, undefined], ['JPY', 500, 500], ['HUF', 1045, 1045], ['USD', 1999, 1999],
  ])('%s %i is %s', (code, ours, stripes) => {
    expect(toStripeAmount(ours, code)).toBe(stripes);
    if (stripes !== undefined) expect(fromStripeAmount(stripes, code.toLowerCase())).toBe(ours);
  });

  it('are the same money, and come back as they went', () => {
    fc.assert(
      fc.property(amount, currency, (ours, code) => {
        const stripes = toStripeAmount(ours, code);
        if (stripes === undefined) return;
        expect(Number.isSafeInteger(stripes)).toBe(true);
        // The same value in whole currency units, compared without fractions.
        expect(BigInt(stripes) * 10n ** BigInt(currencyExponent(code))).toBe(BigInt(ours) * 10n ** BigInt(stripeDecimals.get(code)!));
        expect(fromStripeAmount(stripes, code.toLowerCase())).toBe(ours);
      }),
    );
  });

  it('of Stripe go back to it as they came', () => {
    fc.assert(
      fc.property(amount, currency, (whole, code) => {
        // What Stripe itself would hold: króna and shilling in hundreds, three decimals in tens.
        const stripes = whole * (['ISK', 'UGX'].includes(code) ? 100 : three.includes(code) ? 10 : 1);
        expect(toStripeAmount(fromStripeAmount(stripes, code), code)).toBe(stripes);
      }),
    );
  });

  it('that would be part of a unit are refused, not rounded', () => {
    expect(() => fromStripeAmount(550, 'isk')).toThrow(MoneyError);
  });
});
