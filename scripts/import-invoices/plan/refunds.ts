import { createHash } from 'node:crypto';
import { valueOf } from '../file/invoices.ts';
import type { Invoice } from '../file/invoices.ts';
import type { InvoiceLine } from '../file/lines.ts';

/** Money to be given back on the order of one sale. */
export interface PlannedRefund {
  /** Number of the sale. */
  sale: string;
  /** The cancellation's number, or `seeded`: part of the request's key. */
  source: string;
  /** Kept with the refund: by it a continued run knows what was done. */
  reason: string;
  /** Minor units that must come back. */
  amount: number;
  /** What the request says: units, an amount, or nothing = all. */
  body: { lines?: { sku: string; quantity: number }[]; amount?: number };
}

export interface UnmatchedLine {
  line: InvoiceLine;
  reason: string;
}

export interface MatchedRefunds {
  refunds: PlannedRefund[];
  /** Cancelled lines that found their sale. */
  matched: InvoiceLine[];
  unmatched: UnmatchedLine[];
}

/** Units of one article on one sale, and how many of them are still not given back. */
interface Sold {
  sale: Invoice;
  /** Undefined when the invoice has the article at several prices: then a refund by units is not a single amount. */
  unitPrice: number | undefined;
  left: number;
}

/**
 * Finds the sale that each cancelled line undoes: the latest one before it, of the same customer and article, at the
 * same price, with enough units left. One refund per cancellation and sale.
 */
export function matchCancellations(sales: readonly Invoice[], cancellations: readonly Invoice[]): MatchedRefunds {
  const sold = soldUnits(sales);
  const refunds = new Map<string, { cancellation: Invoice; sale: Invoice; lines: InvoiceLine[] }>();
  const unmatched: UnmatchedLine[] = [];
  for (const cancellation of cancellations) {
    for (const line of cancellation.lines) {
      const found = cancellation.customer
        ? findSale(sold.get(`${cancellation.customer}/${line.sku}`) ?? [], cancellation.date, line)
        : 'no customer';
      if (typeof found === 'string') {
        unmatched.push({ line, reason: found });
        continue;
      }
      found.left -= line.quantity;
      const key = `${cancellation.number}/${found.sale.number}`;
      const refund = refunds.get(key) ?? { cancellation, sale: found.sale, lines: [] };
      refund.lines.push(line);
      refunds.set(key, refund);
    }
  }
  const matched = [...refunds.values()].flatMap(({ lines }) => lines);
  return {
    refunds: [...refunds.values()].map(({ cancellation, sale, lines }) => ({
      sale: sale.number, source: cancellation.number, reason: `cancellation ${cancellation.number}`, amount: valueOf(lines),
      body: { lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) },
    })),
    matched,
    unmatched,
  };
}

function soldUnits(sales: readonly Invoice[]): Map<string, Sold[]> {
  const sold = new Map<string, Sold[]>();
  for (const sale of sales) {
    if (!sale.customer) continue;
    for (const sku of new Set(sale.lines.map((line) => line.sku))) {
      const lines = sale.lines.filter((line) => line.sku === sku);
      const prices = new Set(lines.map(({ unitPrice }) => unitPrice));
      const key = `${sale.customer}/${sku}`;
      const entry = { sale, unitPrice: prices.size === 1 ? lines[0]!.unitPrice : undefined, left: lines.reduce((units, { quantity }) => units + quantity, 0) };
      sold.set(key, [...(sold.get(key) ?? []), entry]);
    }
  }
  return sold;
}

/** The sale, or why there is none. `candidates` are in the order of their date. */
function findSale(candidates: readonly Sold[], date: string, line: InvoiceLine): Sold | string {
  const earlier = candidates.filter(({ sale }) => sale.date <= date);
  if (earlier.length === 0) return 'no earlier sale of this article to this customer';
  const samePrice = earlier.filter(({ unitPrice }) => unitPrice === line.unitPrice);
  if (samePrice.length === 0) return 'earlier sales had another price';
  return samePrice.findLast(({ left }) => left >= line.quantity) ?? 'earlier sales had fewer units';
}

/**
 * Refunds that the file does not have, so that all kinds of them are exercised: on `percent` of the sales, chosen by a
 * hash of their number (so that a run with a lower limit chooses among the same), and on the first sale. By turns
 * everything, one unit of an article, and half of the money.
 */
export function seedRefunds(sales: readonly Invoice[], taken: ReadonlySet<string>, percent: number): PlannedRefund[] {
  if (percent <= 0) return [];
  const free = sales.filter(({ number }) => !taken.has(number));
  return free
    .filter(({ number }, index) => index === 0 || draw(number) % 10_000 < percent * 100)
    .map((sale) => seededRefund(sale, draw(`kind ${sale.number}`) % 3));
}

function seededRefund(sale: Invoice, kind: number): PlannedRefund {
  const refund = { sale: sale.number, source: 'seeded', reason: 'seeded refund' };
  const first = sale.lines[0]!;
  const onePrice = sale.lines.every(({ sku, unitPrice }) => sku !== first.sku || unitPrice === first.unitPrice);
  if (kind === 0 && onePrice) return { ...refund, amount: first.unitPrice, body: { lines: [{ sku: first.sku, quantity: 1 }] } };
  if (kind === 1) return { ...refund, amount: Math.ceil(sale.total / 2), body: { amount: Math.ceil(sale.total / 2) } };
  return { ...refund, amount: sale.total, body: {} };
}

/** The same number for the same text, everywhere and always. */
function draw(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
