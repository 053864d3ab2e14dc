import { describe, expect, it } from '@jest/globals';
import { CsvRowError, parseRows } from '../csv/parse-rows.ts';
import { readCsv } from '../csv/read-csv.ts';
import { parseProductRow, productColumns } from './product-row.ts';
import { isSku } from './sku.ts';

const row = (values: Record<string, string>) => ({ line: 2, values: { sku: 'A', title: 'T', price: '1', currency: 'USD', ...values } });

describe('parseProductRow', () => {
  it('turns decimals into minor units by the currency, without rounding', () => {
    expect(parseProductRow(row({ price: '19.99' })).price).toEqual({ amount: 1999, currency: 'USD' });
    expect(parseProductRow(row({ price: '19.9' })).price.amount).toBe(1990);
    expect(parseProductRow(row({ price: '0.29' })).price.amount).toBe(29);
    expect(parseProductRow(row({ price: '1200', currency: 'jpy' })).price).toEqual({ amount: 1200, currency: 'JPY' });
    expect(parseProductRow(row({ price: '1.250', currency: 'KWD' })).price.amount).toBe(1250);
  });

  it('leaves undefined what was left empty', () => {
    const parsed = parseProductRow(row({ weight_grams: '', description: '', length_mm: '40' }));
    expect(parsed).toMatchObject({ weightGrams: undefined, description: undefined, lengthMm: 40, taxCategory: undefined });
  });

  it.each([
    [{ sku: '' }, 'sku is empty.'],
    [{ sku: 'é' }, 'sku must be printable ASCII characters.'],
    [{ sku: 'x'.repeat(65) }, 'sku is longer than 64 characters.'],
    [{ title: '' }, 'title is empty.'],
    [{ price: '' }, 'price is empty.'],
    [{ price: 'free' }, 'price: "free" is not a decimal amount.'],
    [{ price: '1,50' }, 'price: "1,50" is not a decimal amount.'],
    [{ price: '1e3' }, 'price: "1e3" is not a decimal amount.'],
    [{ price: '1.999' }, 'price: "1.999" has more than the 2 decimals of USD.'],
    [{ price: '1.5', currency: 'JPY' }, 'price: "1.5" has more than the 0 decimals of JPY.'],
    [{ price: '999999999999999' }, 'price: The amount is beyond the safe integers.'],
    [{ price: '-1' }, 'price must not be negative.'],
    [{ currency: 'XYZ' }, 'currency must be an ISO 4217 code, not "XYZ".'],
    [{ weight_grams: '1.5' }, 'weight_grams must be a whole number from 0 to 10000000, not "1.5".'],
    [{ length_mm: '0' }, 'length_mm must be a whole number from 1 to 100000, not "0".'],
  ])('refuses %j', (values, message) => {
    expect(() => parseProductRow(row(values))).toThrow(CsvRowError);
    expect(() => parseProductRow(row(values))).toThrow(message);
  });

  it('keeps the good lines of a file and reports the others by line', () => {
    const { rows } = readCsv('sku,title,price,currency\nA,Lamp,10,USD\nB,,10,USD\nC,Chair,abc,USD\nD,Desk,99.50,EUR\n', productColumns);
    const { parsed, failed } = parseRows(rows, parseProductRow);
    expect(parsed.map(({ sku }) => sku)).toEqual(['A', 'D']);
    expect(failed).toEqual([
      { line: 3, reason: 'title is empty.' },
      { line: 4, reason: 'price: "abc" is not a decimal amount.' },
    ]);
  });
});

describe('isSku', () => {
  it.each([['85123A', true], ['A B', true], ['a', true], [' a', false], ['a ', false], ['', false], ['a\nb', false], ['x'.repeat(64), true], ['x'.repeat(65), false]])(
    '%j: %s',
    (text, expected) => expect(isSku(text)).toBe(expected),
  );
});
