import type { Totals } from './totals.ts';

/** Accounts of the ledger in v0.1. Debit positive, credit negative. */
export type Account = 'cash_at_provider' | 'revenue' | 'shipping_revenue' | 'tax_payable' | 'refunds';

export interface Posting {
  kind: 'capture' | 'refund' | 'refund_reversal';
  paymentId: string;
  refundId?: string;
  currency: string;
  entries: { account: Account; amount: number }[];
}

/** How much of the first `taken` minor units of an order is tax and shipping; floors, so the whole is exact. */
function shares(totals: Totals, taken: number): { tax: number; shipping: number; goods: number } {
  if (totals.total === 0) return { tax: 0, shipping: 0, goods: 0 };
  const part = (amount: number) => Number((BigInt(amount) * BigInt(taken)) / BigInt(totals.total));
  const tax = part(totals.tax);
  const shipping = part(totals.shipping);
  return { tax, shipping, goods: taken - tax - shipping };
}

function difference(totals: Totals, before: number, after: number) {
  const [from, to] = [shares(totals, before), shares(totals, after)];
  return { tax: to.tax - from.tax, shipping: to.shipping - from.shipping, goods: to.goods - from.goods };
}

function balanced(entries: Posting['entries']): Posting['entries'] {
  return entries.filter((entry) => entry.amount !== 0);
}

/** Money taken: cash at the provider against revenue, shipping and the tax owed, by their share of the total. */
export function captureEntries(totals: Totals, capturedBefore: number, amount: number): Posting['entries'] {
  const parts = difference(totals, capturedBefore, capturedBefore + amount);
  return balanced([
    { account: 'cash_at_provider', amount },
    { account: 'revenue', amount: -parts.goods },
    { account: 'shipping_revenue', amount: -parts.shipping },
    { account: 'tax_payable', amount: -parts.tax },
  ]);
}

/** Money given back: the goods' share goes to `refunds` (contra revenue), shipping and tax are reversed. */
export function refundEntries(totals: Totals, refundedBefore: number, amount: number): Posting['entries'] {
  const parts = difference(totals, refundedBefore, refundedBefore + amount);
  return balanced([
    { account: 'cash_at_provider', amount: -amount },
    { account: 'refunds', amount: parts.goods },
    { account: 'shipping_revenue', amount: parts.shipping },
    { account: 'tax_payable', amount: parts.tax },
  ]);
}

/** A refund that was booked and then failed at the provider: the same entries, turned round. */
export function reversed(entries: Posting['entries']): Posting['entries'] {
  return entries.map(({ account, amount }) => ({ account, amount: -amount }));
}
