import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allocate, currencyExponent, MoneyError, parseDecimal, sum, toDecimal } from './money.ts';

const amount = fc.integer({ min: 0, max: 1_000_000_000 });
const weights = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 40 });

describe('allocate', () => {
  it('sums to the amount to the last unit, each part within one unit of its exact share', () => {
    fc.assert(
      fc.property(amount, weights, (whole, shares) => {
        const parts = allocate(whole, shares);
        expect(parts).toHaveLength(shares.length);
        expect(sum(parts)).toBe(whole);
        const total = sum(shares);
        if (total === 0) return;
        parts.forEach((part, index) => {
          const [left, right] = [BigInt(part) * BigInt(total), BigInt(whole) * BigInt(shares[index]!)];
          const distance = left > right ? left - right : right - left;
          expect(distance < BigInt(total)).toBe(true);
        });
      }),
    );
  });

  it('gives what is over to the largest remainders, the earlier part first (Hamilton)', () => {
    expect(allocate(100, [1, 1, 1])).toEqual([34, 33, 33]);
    expect(allocate(10, [9, 90, 1])).toEqual([1, 9, 0]);
    expect(allocate(5, [3, 3, 4])).toEqual([2, 1, 2]);
    expect(allocate(7, [0, 0])).toEqual([7, 0]);
    expect(allocate(0, [])).toEqual([]);
    fc.assert(
      fc.property(amount, weights, (whole, shares) => {
        const total = BigInt(sum(shares));
        if (total === 0n) return;
        const parts = allocate(whole, shares);
        const rounded = shares.map((share, index) => BigInt(parts[index]!) > (BigInt(whole) * BigInt(share)) / total);
        const remainders = shares.map((share) => (BigInt(whole) * BigInt(share)) % total);
        rounded.forEach((up, index) => {
          if (up) rounded.forEach((other, beside) => other || expect(remainders[beside]! <= remainders[index]!).toBe(true));
        });
      }),
    );
  });

  it('keeps its promise where floats would not', () => {
    expect(sum(allocate(Number.MAX_SAFE_INTEGER, [1, 2, 3]))).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('refuses what has no meaning', () => {
    expect(() => allocate(1, [])).toThrow(MoneyError);
    expect(() => allocate(-1, [1])).toThrow(MoneyError);
    expect(() => allocate(1, [1, -1])).toThrow(MoneyError);
  });
});

describe('decimals', () => {
  it.each([['JPY', 0], ['USD', 2], ['EUR', 2], ['KWD', 3], ['BHD', 3], ['HUF', 2], ['COP', 2], ['IDR', 2], ['IQD', 3]])('%s has %i', (currency, digits) => {
    expect(currencyExponent(currency)).toBe(digits);
  });

  it('come back as they went, in currencies of 0, 2 and 3 decimals', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('JPY', 'USD', 'KWD'), (minor, currency) => {
        fc.pre(Math.abs(minor) < 10 ** 15);
        expect(parseDecimal(toDecimal({ amount: minor, currency }), currency)).toBe(minor);
      }),
    );
  });

  it('are read without a float on the way', () => {
    expect(parseDecimal('19.99', 'USD')).toBe(1999);
    expect(parseDecimal('0.1', 'USD')).toBe(10);
    expect(parseDecimal(' -5 ', 'USD')).toBe(-500);
    expect(parseDecimal('1.2500', 'USD')).toBe(125);
    expect(parseDecimal('1.250', 'KWD')).toBe(1250);
    expect(parseDecimal('1200', 'JPY')).toBe(1200);
    expect(Object.is(parseDecimal('-0', 'USD'), 0)).toBe(true);
    expect(toDecimal({ amount: -5, currency: 'USD' })).toBe('-0.05');
    expect(toDecimal({ amount: 5, currency: 'JPY' })).toBe('5');
  });

  it.each([['1.999', 'USD'], ['1.5', 'JPY'], ['', 'USD'], ['1,50', 'USD'], ['1e3', 'USD'], ['.5', 'USD'], ['99999999999999999', 'USD'], ['999999999999999', 'KWD']])(
    'refuse "%s" %s',
    (text, currency) => expect(() => parseDecimal(text, currency)).toThrow(MoneyError),
  );

  it('know no invented currency', () => expect(() => currencyExponent('XYZ')).toThrow(MoneyError));
});
