import { describe, expect, it } from '@jest/globals';
import { CsvRowError } from '../csv/parse-rows.ts';
import { parseStockRow } from './stock-row.ts';

const row = (values: Record<string, string>) => ({ line: 5, values: { sku: 'A', location_code: 'main', quantity: '3', ...values } });

describe('parseStockRow', () => {
  it('reads signed quantities, with a reason or the usual one', () => {
    expect(parseStockRow(row({}))).toEqual({ line: 5, sku: 'A', locationCode: 'main', quantity: 3, reason: 'import' });
    expect(parseStockRow(row({ quantity: '-2', reason: 'broken' }))).toMatchObject({ quantity: -2, reason: 'broken' });
    expect(parseStockRow(row({ quantity: '+7' })).quantity).toBe(7);
  });

  it.each([
    [{ quantity: '0' }, 'quantity must not be 0.'],
    [{ quantity: '' }, 'quantity is empty.'],
    [{ quantity: '1.5' }, 'quantity must be a whole number from -1000000000 to 1000000000, not "1.5".'],
    [{ quantity: '9999999999' }, 'quantity must be a whole number from -1000000000 to 1000000000, not "9999999999".'],
    [{ location_code: '' }, 'location_code is empty.'],
    [{ sku: 'ü' }, 'sku must be printable ASCII characters.'],
  ])('refuses %j', (values, message) => {
    expect(() => parseStockRow(row(values))).toThrow(new CsvRowError(message));
  });
});
