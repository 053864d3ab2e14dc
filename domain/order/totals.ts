import { allocate, sum } from '../money.ts';

/** What a customer pays, in minor units of one currency: `total = subtotal − discount + shipping + tax`. */
export interface Totals {
  subtotal: number;
  discount: number;
  shipping: number;
  tax: number;
  total: number;
}

export interface LineInput {
  sku: string;
  quantity: number;
  /** Minor units per unit of goods. */
  unitPrice: number;
}

export interface LineTotals {
  subtotal: number;
  discount: number;
  tax: number;
  total: number;
}

export interface OrderInput {
  lines: readonly LineInput[];
  /** Off the whole order, at most its subtotal. */
  discount: number;
  shipping: number;
}

/**
 * The tax port: what is due on each line (after its share of the discount) and on shipping, in minor units.
 * The flat rate below is its first implementation.
 */
export interface TaxCalculator {
  tax(taxable: { lines: readonly number[]; shipping: number }): { lines: number[]; shipping: number };
}

/**
 * One rate on everything, rounded half up once for the whole order and then allocated by largest remainder, so
 * that the lines sum to what the customer sees.
 * @param rateMillionths 75 000 = 7.5 %
 */
export function flatRateTax(rateMillionths: number): TaxCalculator {
  return {
    tax({ lines, shipping }) {
      const base = sum([...lines, shipping]);
      const due = Number((BigInt(base) * BigInt(rateMillionths) + 500_000n) / 1_000_000n);
      const parts = allocate(due, base === 0 ? [1, ...lines.slice(1).map(() => 0), 0] : [...lines, shipping]);
      return { lines: parts.slice(0, lines.length), shipping: parts.at(-1)! };
    },
  };
}

/**
 * Totals to the cent: the discount is allocated over the lines by largest remainder, tax is computed on what is
 * left, and everything sums. Pure; the same function prices a preview and the order itself.
 */
export function computeTotals(order: OrderInput, taxes: TaxCalculator): { totals: Totals; lines: LineTotals[]; shippingTax: number } {
  const subtotals = order.lines.map((line) => sum([line.quantity * line.unitPrice]));
  const subtotal = sum(subtotals);
  const discount = Math.min(order.discount, subtotal);
  const discounts = allocate(discount, subtotals);
  const taxable = subtotals.map((amount, index) => amount - discounts[index]!);
  const tax = taxes.tax({ lines: taxable, shipping: order.shipping });
  const lines = subtotals.map((amount, index) => ({
    subtotal: amount,
    discount: discounts[index]!,
    tax: tax.lines[index]!,
    total: taxable[index]! + tax.lines[index]!,
  }));
  const totals = {
    subtotal,
    discount,
    shipping: order.shipping,
    tax: sum([...tax.lines, tax.shipping]),
    total: sum([...lines.map((line) => line.total), order.shipping, tax.shipping]),
  };
  return { totals, lines, shippingTax: tax.shipping };
}
