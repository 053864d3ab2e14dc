import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { computeTotals, flatRateTax } from './totals.ts';

const order = fc.record({
  lines: fc.array(
    fc.record({ sku: fc.constantFrom('A', 'B', 'C'), quantity: fc.integer({ min: 1, max: 999 }), unitPrice: fc.integer({ min: 0, max: 5_000_000 }) }),
    { minLength: 1, maxLength: 20 },
  ),
  discount: fc.integer({ min: 0, max: 10_000_000 }),
  shipping: fc.integer({ min: 0, max: 100_000 }),
});
const rate = fc.integer({ min: 0, max: 300_000 });
const add = (amounts: number[]) => amounts.reduce((left, right) => left + right, 0);

describe('totals', () => {
  it('sum in every direction, for every order', () => {
    fc.assert(
      fc.property(order, rate, (input, millionths) => {
        const { totals, lines, shippingTax } = computeTotals(input, flatRateTax(millionths));
        expect(totals.total).toBe(totals.subtotal - totals.discount + totals.shipping + totals.tax);
        expect(add(lines.map(({ subtotal }) => subtotal))).toBe(totals.subtotal);
        expect(add(lines.map(({ discount }) => discount))).toBe(totals.discount);
        expect(add(lines.map(({ tax }) => tax)) + shippingTax).toBe(totals.tax);
        expect(add(lines.map(({ total }) => total)) + input.shipping + shippingTax).toBe(totals.total);
        for (const line of lines) {
          expect(line.total).toBe(line.subtotal - line.discount + line.tax);
          expect(line.discount).toBeLessThanOrEqual(line.subtotal);
          expect(Math.min(line.discount, line.tax, line.total)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('never take off more than the goods cost', () => {
    fc.assert(fc.property(order, (input) => expect(computeTotals(input, flatRateTax(0)).totals.discount).toBe(Math.min(input.discount, add(input.lines.map((line) => line.quantity * line.unitPrice))))));
  });

  it('tax once, half up, on goods after discount and on shipping', () => {
    const { totals, lines, shippingTax } = computeTotals(
      { lines: [{ sku: 'A', quantity: 3, unitPrice: 333 }, { sku: 'B', quantity: 1, unitPrice: 1001 }], discount: 100, shipping: 500 },
      flatRateTax(75_000),
    );
    // 2000 − 100 + 500 = 2400, 7.5 % = 180
    expect(totals).toEqual({ subtotal: 2000, discount: 100, shipping: 500, tax: 180, total: 2580 });
    expect(lines.map(({ discount }) => discount)).toEqual([50, 50]);
    expect([...lines.map(({ tax }) => tax), shippingTax]).toEqual([71, 71, 38]);
    expect(computeTotals({ lines: [{ sku: 'A', quantity: 1, unitPrice: 20 }], discount: 0, shipping: 0 }, flatRateTax(75_000)).totals.tax).toBe(2); // 1.5 → 2
  });
});
