import { createHash } from 'node:crypto';
import { groupInvoices } from '../file/invoices.ts';
import type { Invoice } from '../file/invoices.ts';
import { readLines } from '../file/lines.ts';
import type { InvoiceLine, SkippedLine } from '../file/lines.ts';
import { catalogueOf } from './catalogue.ts';
import type { Article } from './catalogue.ts';
import { matchCancellations, seedRefunds } from './refunds.ts';
import type { PlannedRefund, UnmatchedLine } from './refunds.ts';

export interface PlanOptions {
  /** Only the first sales by date. Catalogue, stock and matching are those of the whole file all the same. */
  limit?: number;
  /** Of the sales that no cancellation of the file undoes. */
  seededRefundsPercent: number;
}

/** All that a file asks for, decided before the first request. */
export interface ImportPlan {
  /** 16 hex digits of the file's SHA-256: names the import in keys, metadata and folders. */
  hash: string;
  articles: Article[];
  sales: Invoice[];
  /** By sale, those of the sales above. */
  refunds: Map<string, PlannedRefund[]>;
  /** Sales of the file that the limit leaves out. */
  beyondLimit: number;
  lines: InvoiceLine[];
  skipped: SkippedLine[];
  cancellations: {
    invoices: number;
    lines: number;
    /** Of the whole file. */
    matched: InvoiceLine[];
    unmatched: UnmatchedLine[];
  };
}

/** @throws {CsvFileError} when the file as a whole can't be read */
export function planImport(text: string, { limit, seededRefundsPercent }: PlanOptions): ImportPlan {
  const { lines, skipped } = readLines(text);
  const invoices = groupInvoices(lines);
  const { refunds: matching, matched, unmatched } = matchCancellations(invoices.sales, invoices.cancellations);
  const seeded = seedRefunds(invoices.sales, new Set(matching.map(({ sale }) => sale)), seededRefundsPercent);
  const sales = invoices.sales.slice(0, limit);
  const chosen = new Set(sales.map(({ number }) => number));
  return {
    hash: createHash('sha256').update(text).digest('hex').slice(0, 16),
    articles: catalogueOf(invoices.sales),
    sales,
    refunds: Map.groupBy([...matching, ...seeded].filter(({ sale }) => chosen.has(sale)), ({ sale }) => sale),
    beyondLimit: invoices.sales.length - sales.length,
    lines,
    skipped: [...skipped, ...invoices.skipped].sort((a, b) => a.line - b.line),
    cancellations: {
      invoices: invoices.cancellations.length,
      lines: invoices.cancellations.reduce((count, { lines: own }) => count + own.length, 0),
      matched,
      unmatched,
    },
  };
}
