import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { CsvFileError } from '#domain/csv/read-csv.ts';
import { groupInvoices } from './invoices.ts';
import { readLines } from './lines.ts';

const extract = readFileSync(new URL('../data/online-retail-extract.csv', import.meta.url), 'utf8');
const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n';
const read = (...lines: string[]) => readLines(header + lines.map((line) => `${line}\n`).join(''));

describe('lines of the real extract', () => {
  const { lines, skipped } = readLines(extract);

  it('keeps what is goods and says why the rest is left out', () => {
    expect(lines.length + skipped.length).toBe(301);
    const reasons = [...Map.groupBy(skipped, ({ reason }) => reason)].map(([reason, of]) => [reason, of.length]);
    expect(Object.fromEntries(reasons)).toEqual({ not_goods: 10, negative_quantity: 5, zero_price: 4 });
  });

  it('takes both spellings of a stock code for the same goods, and the number of a customer without its decimals', () => {
    expect(lines.filter(({ sku }) => sku !== sku.toUpperCase())).toEqual([]);
    expect(lines.filter(({ customer }) => customer !== undefined && !/^\d{5}$/.test(customer))).toEqual([]);
    expect(lines.filter(({ sku }) => sku.startsWith('DCGS'))).toHaveLength(2);
  });

  it('sums them to the penny', () => {
    const { sales, cancellations } = groupInvoices(lines);
    expect([sales.length, cancellations.length]).toEqual([119, 22]);
    expect(sales.reduce((total, sale) => total + sale.total, 0)).toBe(413_682);
  });
});

describe('one line', () => {
  it('is read as it is', () => {
    expect(read('C572334,85123a," LUNCH  BAG ",-4,2011-10-24 10:25:00,2.1,14607.0,EIRE').lines).toEqual([
      {
        line: 2, invoice: 'C572334', cancellation: true, sku: '85123A', description: 'LUNCH BAG', quantity: 4, unitPrice: 210,
        date: '2011-10-24 10:25:00', customer: '14607', country: 'EIRE',
      },
    ]);
  });

  it.each([
    ['postage', '1,POST,POSTAGE,1,2011-10-24 10:25:00,18,1,France', 'not_goods'],
    ['an unknown kind of code', '1,gift_0001_20,VOUCHER,1,2011-10-24 10:25:00,18,1,France', 'not_goods'],
    ['units written off', '1,22423,CAKESTAND,-3,2011-10-24 10:25:00,0,,France', 'negative_quantity'],
    ['a cancellation that adds', 'C1,22423,CAKESTAND,3,2011-10-24 10:25:00,1,1,France', 'positive_quantity'],
    ['no units', '1,22423,CAKESTAND,0,2011-10-24 10:25:00,1,1,France', 'zero_quantity'],
    ['a negative price', '1,22423,CAKESTAND,1,2011-10-24 10:25:00,-1.50,1,France', 'negative_price'],
    ['a gift', '1,22423,CAKESTAND,1,2011-10-24 10:25:00,0.0,1,France', 'zero_price'],
    ['no description', '1,22423,,1,2011-10-24 10:25:00,1.0,1,France', 'missing_description'],
    ['a fraction of a penny', '1,22423,CAKESTAND,1,2011-10-24 10:25:00,1.005,1,France', 'unreadable'],
    ['words for a number', '1,22423,CAKESTAND,two,2011-10-24 10:25:00,1.00,1,France', 'unreadable'],
    ['a missing cell', '1,22423,CAKESTAND,2', 'unreadable'],
  ])('with %s is left out', (_name, line, reason) => {
    const { lines, skipped } = read(line);
    expect(lines).toEqual([]);
    expect(skipped).toMatchObject([{ line: 2, reason }]);
  });

  it('is all that is wrong with a file that has other columns', () => {
    expect(() => readLines('sku,price\nA,1\n')).toThrow(CsvFileError);
  });
});

describe('invoices', () => {
  it('come by date, and those that no card could be charged for are left out with their lines', () => {
    const { lines } = read(
      '3,22423,B,1,2011-10-25 10:25:00,1.00,1,France',
      '2,22423,A,1,2011-10-24 10:26:00,1.00,,France',
      '2,22424,A,2,2011-10-24 10:25:00,0.50,1,France',
      '4,22423,C,1,2011-10-23 10:25:00,0.29,1,France',
    );
    const { sales, skipped } = groupInvoices(lines);
    expect(sales.map(({ number, date, customer, total }) => ({ number, date, customer, total }))).toEqual([
      { number: '2', date: '2011-10-24 10:25:00', customer: '1', total: 200 },
      { number: '3', date: '2011-10-25 10:25:00', customer: '1', total: 100 },
    ]);
    expect(skipped).toMatchObject([{ line: 5, invoice: '4', reason: 'not_chargeable' }]);
  });
});
