import { CsvRowError, integerCell, requiredCell, textCell } from '../csv/parse-rows.ts';
import type { CsvColumns, CsvRow } from '../csv/read-csv.ts';
import { isCurrency, MoneyError, parseDecimal } from '../money.ts';
import type { Money } from '../money.ts';
import { isSku } from './sku.ts';

/** The columns of a product file. One line per SKU and currency; `price` is a decimal in that currency. */
export const productColumns = {
  required: ['sku', 'title', 'price', 'currency'],
  optional: ['description', 'weight_grams', 'length_mm', 'width_mm', 'height_mm', 'tax_category'],
} as const satisfies CsvColumns;

/** A line of a product file. What a cell left empty is undefined: it changes nothing on a SKU that exists. */
export interface ProductRow {
  line: number;
  sku: string;
  title: string;
  description: string | undefined;
  price: Money;
  weightGrams: number | undefined;
  lengthMm: number | undefined;
  widthMm: number | undefined;
  heightMm: number | undefined;
  taxCategory: string | undefined;
}

const maxGrams = 10_000_000;
const maxMillimetres = 100_000;

/** @throws {CsvRowError} saying what is wrong with the line */
export function parseProductRow(row: CsvRow): ProductRow {
  const sku = requiredCell(row, 'sku', 64);
  if (!isSku(sku)) throw new CsvRowError('sku must be printable ASCII characters.');
  return {
    line: row.line,
    sku,
    title: requiredCell(row, 'title', 200),
    description: textCell(row, 'description', 5000),
    price: priceOf(row),
    weightGrams: integerCell(row, 'weight_grams', 0, maxGrams),
    lengthMm: integerCell(row, 'length_mm', 1, maxMillimetres),
    widthMm: integerCell(row, 'width_mm', 1, maxMillimetres),
    heightMm: integerCell(row, 'height_mm', 1, maxMillimetres),
    taxCategory: textCell(row, 'tax_category', 60),
  };
}

function priceOf(row: CsvRow): Money {
  const currency = requiredCell(row, 'currency', 3).toUpperCase();
  const price = requiredCell(row, 'price', 30);
  if (!isCurrency(currency)) throw new CsvRowError(`currency must be an ISO 4217 code, not "${currency}".`);
  try {
    const amount = parseDecimal(price, currency);
    if (amount < 0) throw new CsvRowError('price must not be negative.');
    return { amount, currency };
  } catch (error) {
    if (error instanceof MoneyError) throw new CsvRowError(`price: ${error.message}.`, { cause: error });
    throw error;
  }
}
