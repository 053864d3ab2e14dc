import { sum } from '#domain/money.ts';
import { skipReasons } from './lines.ts';
import type { InvoiceLine, SkippedLine } from './lines.ts';

/** All usable lines of one number. */
export interface Invoice {
  number: string;
  /** Of its first line: a few invoices go over a minute's end. */
  date: string;
  /** Undefined for lines without a customer. */
  customer: string | undefined;
  country: string;
  lines: InvoiceLine[];
  /** Minor units. */
  total: number;
}

export interface Invoices {
  /** By date, then number. */
  sales: Invoice[];
  cancellations: Invoice[];
  skipped: SkippedLine[];
}

/**
 * What Stripe takes for one charge in pounds, in minor units.
 * Source: docs.stripe.com/currencies, "Minimum and maximum charge amounts".
 */
const chargeable = { least: 30, most: 99_999_999 };

/** Puts lines together by their invoice's number; sales that no provider would charge are left out, line by line. */
export function groupInvoices(lines: readonly InvoiceLine[]): Invoices {
  const groups = new Map<string, InvoiceLine[]>();
  for (const line of lines) {
    const group = groups.get(line.invoice);
    if (group) group.push(line);
    else groups.set(line.invoice, [line]);
  }
  const all = [...groups.values()].map(invoiceOf).sort((a, b) => order(a.date, b.date) || order(a.number, b.number));
  const cancellations = all.filter(({ lines: [first] }) => first!.cancellation);
  const sales = all.filter(({ lines: [first] }) => !first!.cancellation);
  const fits = ({ total }: Invoice) => total >= chargeable.least && total <= chargeable.most;
  const skipped = sales
    .filter((sale) => !fits(sale))
    .flatMap((sale) => sale.lines)
    .map(({ line, invoice, sku }): SkippedLine => ({ line, invoice, sku, reason: 'not_chargeable', detail: skipReasons.not_chargeable }));
  return { sales: sales.filter(fits), cancellations, skipped };
}

function invoiceOf(lines: InvoiceLine[]): Invoice {
  const first = lines[0]!;
  return {
    number: first.invoice,
    date: lines.reduce((earliest, { date }) => (date < earliest ? date : earliest), first.date),
    customer: lines.find(({ customer }) => customer)?.customer,
    country: first.country,
    lines,
    total: valueOf(lines),
  };
}

/** What lines are worth, minor units. */
export function valueOf(lines: readonly Pick<InvoiceLine, 'quantity' | 'unitPrice'>[]): number {
  return sum(lines.map(({ quantity, unitPrice }) => quantity * unitPrice));
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
