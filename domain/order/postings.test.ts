import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { captureEntries, refundEntries, reversed, type Posting } from './postings.ts';

const totals = fc
  .record({ goods: fc.nat(1_000_000), discount: fc.nat(1_000), shipping: fc.nat(10_000), tax: fc.nat(100_000) })
  .filter(({ goods, discount, shipping, tax }) => goods >= discount && goods - discount + shipping + tax > 0)
  .map(({ goods, discount, shipping, tax }) => ({ subtotal: goods, discount, shipping, tax, total: goods - discount + shipping + tax }));
const cuts = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 6 });

/** Splits a total into parts in proportion to cuts. */
function parts(total: number, weights: number[]): number[] {
  const all = weights.reduce((left, right) => left + right, 0);
  let before = 0;
  let seen = 0;
  return weights.map((weight) => {
    seen += weight;
    const until = Math.floor((total * seen) / all);
    const part = until - before;
    before = until;
    return part;
  });
}

function balances(postings: Posting['entries'][]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { account, amount } of postings.flat()) sums[account] = (sums[account] ?? 0) + amount;
  return sums;
}

describe('postings', () => {
  it('balance, split the whole exactly into goods, shipping and tax, and a full refund leaves nothing', () => {
    fc.assert(
      fc.property(totals, cuts, cuts, (order, taken, given) => {
        const run = (amounts: number[], entries: typeof captureEntries) => {
          let before = 0;
          return amounts.map((amount) => {
            const posting = entries(order, before, amount);
            before += amount;
            expect(posting.reduce((sum, entry) => sum + entry.amount, 0)).toBe(0);
            expect(posting.every((entry) => entry.amount !== 0)).toBe(true);
            return posting;
          });
        };
        const captures = run(parts(order.total, taken), captureEntries);
        const whole = balances(captures);
        expect(whole.cash_at_provider ?? 0).toBe(order.total);
        expect(whole.tax_payable ?? 0).toBe(0 - order.tax);
        expect(whole.shipping_revenue ?? 0).toBe(0 - order.shipping);
        expect(whole.revenue ?? 0).toBe(0 - (order.subtotal - order.discount));

        const refunds = run(parts(order.total, given), refundEntries);
        const after = balances([...captures, ...refunds]);
        expect(after.cash_at_provider ?? 0).toBe(0);
        expect(after.tax_payable ?? 0).toBe(0);
        expect(after.shipping_revenue ?? 0).toBe(0);
        // Refunds are a contra account of revenue: together they are nothing.
        expect((after.revenue ?? 0) + (after.refunds ?? 0)).toBe(0);
        expect(Object.values(balances([...refunds, ...refunds.map(reversed)])).every((amount) => amount === 0)).toBe(true);
      }),
    );
  });
});
