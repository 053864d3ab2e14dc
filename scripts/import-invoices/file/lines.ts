import { readCsv } from '#domain/csv/read-csv.ts';
import type { CsvRow } from '#domain/csv/read-csv.ts';
import { isSku } from '#domain/catalogue/sku.ts';
import { MoneyError, parseDecimal } from '#domain/money.ts';

/** The file has no column for it: its prices are in pounds. */
export const fileCurrency = 'GBP';

const columns = {
  required: ['invoiceno', 'stockcode', 'description', 'quantity', 'invoicedate', 'unitprice', 'customerid', 'country'],
  optional: [],
};

/** A line that can be used. A cancellation's quantity is positive here: units that came back. */
export interface InvoiceLine {
  /** In the file, whose header is line 1. */
  line: number;
  invoice: string;
  cancellation: boolean;
  sku: string;
  description: string;
  quantity: number;
  /** Minor units. */
  unitPrice: number;
  /** As the file has it, `2011-10-06 16:20:00`: comparable as text. */
  date: string;
  customer: string | undefined;
  country: string;
}

/** Why a line is left out: stable words for the report, in the order in which they are looked for. */
export const skipReasons = {
  unreadable: 'a cell can\'t be read',
  not_goods: 'the stock code is a charge or a correction, not goods',
  negative_quantity: 'a negative quantity outside a cancellation',
  positive_quantity: 'a positive quantity in a cancellation',
  zero_quantity: 'a quantity of zero',
  negative_price: 'a negative price',
  zero_price: 'a price of zero',
  missing_description: 'no description',
  not_chargeable: 'the whole invoice is below or above what the provider charges',
} as const;

export type SkipReason = keyof typeof skipReasons;

export interface SkippedLine {
  line: number;
  invoice: string;
  sku: string;
  reason: SkipReason;
  detail: string;
}

export interface FileLines {
  lines: InvoiceLine[];
  skipped: SkippedLine[];
}

const notGoods: Record<string, string> = {
  POST: 'postage', M: 'manual entry', D: 'discount', C2: 'carriage', DOT: 'postage', S: 'samples', B: 'bad debt',
  'BANK CHARGES': 'bank charges', AMAZONFEE: 'fee of a market place', CRUK: 'commission', PADS: 'pads at no price',
};
/** Five digits and up to two letters, or the museum shop's own articles; all else in the data set is bookkeeping. */
const goods = /^(\d{5}[A-Z]{0,2}|DCGS\w+)$/;
/** More of one line than the API takes is a slip of the hand. */
const mostUnits = 1_000_000;

/**
 * Reads the file and says of each line what it is. Stock codes are taken in upper case: `85123a` and `85123A` are the
 * same goods.
 * @throws {CsvFileError} when the file as a whole can't be read
 */
export function readLines(text: string): FileLines {
  const { rows, failed } = readCsv(text, columns);
  const lines: InvoiceLine[] = [];
  const skipped: SkippedLine[] = failed.map(({ line, reason }) => ({ line, invoice: '', sku: '', reason: 'unreadable', detail: reason }));
  for (const row of rows) {
    const result = classify(row);
    if ('reason' in result) skipped.push(result);
    else lines.push(result);
  }
  return { lines, skipped: skipped.sort((a, b) => a.line - b.line) };
}

function classify({ line, values }: CsvRow): InvoiceLine | SkippedLine {
  const cell = (name: string) => values[name] ?? '';
  const invoice = cell('invoiceno').toUpperCase();
  const sku = cell('stockcode').toUpperCase();
  const skip = (reason: SkipReason, detail: string = skipReasons[reason]): SkippedLine => ({ line, invoice, sku, reason, detail });
  const cancellation = invoice.startsWith('C');
  const customer = /^(\d+)(?:\.0)?$/.exec(cell('customerid'))?.[1];
  const quantity = Number(cell('quantity'));
  const unitPrice = priceOf(cell('unitprice'));

  if (!/^C?\d+$/.test(invoice)) return skip('unreadable', `InvoiceNo "${invoice}" is not a number.`);
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?$/.test(cell('invoicedate'))) return skip('unreadable', `InvoiceDate "${cell('invoicedate')}" is not a time.`);
  if (cell('customerid') !== '' && !customer) return skip('unreadable', `CustomerID "${cell('customerid')}" is not a number.`);
  if (!/^-?\d+$/.test(cell('quantity')) || Math.abs(quantity) > mostUnits) return skip('unreadable', `Quantity "${cell('quantity')}" is not a number of units.`);
  if (typeof unitPrice === 'string') return skip('unreadable', `UnitPrice: ${unitPrice}.`);
  if (!goods.test(sku) || !isSku(sku)) return skip('not_goods', notGoods[sku] ?? skipReasons.not_goods);
  if (quantity === 0) return skip('zero_quantity');
  if (quantity < 0 && !cancellation) return skip('negative_quantity');
  if (quantity > 0 && cancellation) return skip('positive_quantity');
  if (unitPrice < 0) return skip('negative_price');
  if (unitPrice === 0) return skip('zero_price');
  const description = cell('description').replace(/\s+/g, ' ').trim().slice(0, 200);
  if (description === '') return skip('missing_description');
  return {
    line, invoice, cancellation, sku, description, quantity: Math.abs(quantity), unitPrice, date: cell('invoicedate'), customer,
    country: cell('country'),
  };
}

/** Minor units, or what is wrong. */
function priceOf(text: string): number | string {
  try {
    return parseDecimal(text, fileCurrency);
  } catch (error) {
    if (error instanceof MoneyError) return error.message;
    throw error;
  }
}
