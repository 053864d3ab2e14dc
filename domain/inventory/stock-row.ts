import { isSku } from '../catalogue/sku.ts';
import { CsvRowError, integerCell, requiredCell, textCell } from '../csv/parse-rows.ts';
import type { CsvColumns, CsvRow } from '../csv/read-csv.ts';

/** The columns of a stock file: signed quantities that are added to what is on hand. */
export const stockColumns = {
  required: ['sku', 'location_code', 'quantity'],
  optional: ['reason'],
} as const satisfies CsvColumns;

/** More than this in one step is a slip of the hand, not stock. */
export const maxAdjustment = 1_000_000_000;

/** A line of a stock file. */
export interface StockRow {
  line: number;
  sku: string;
  locationCode: string;
  quantity: number;
  reason: string;
}

/** @throws {CsvRowError} saying what is wrong with the line */
export function parseStockRow(row: CsvRow): StockRow {
  const sku = requiredCell(row, 'sku', 64);
  if (!isSku(sku)) throw new CsvRowError('sku must be printable ASCII characters.');
  const locationCode = requiredCell(row, 'location_code', 40);
  const quantity = integerCell(row, 'quantity', -maxAdjustment, maxAdjustment);
  if (quantity === undefined) throw new CsvRowError('quantity is empty.');
  if (quantity === 0) throw new CsvRowError('quantity must not be 0.');
  return { line: row.line, sku, locationCode, quantity, reason: textCell(row, 'reason', 200) ?? 'import' };
}
