import { describe, expect, it } from '@jest/globals';
import type { OrderSummary } from '../api/types.ts';
import { planImport } from '../plan/plan.ts';
import type { Book } from './books.ts';
import { compare } from './compare.ts';
import { renderTable } from './table.ts';

const plan = planImport(
  'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n' +
    '1,22423,CAKESTAND,2,2011-01-02 10:00:00,600.10,17,EIRE\n2,22423,CAKESTAND,1,2011-01-03 10:00:00,0.30,17,EIRE\n' +
    'C3,22423,CAKESTAND,-1,2011-01-04 10:00:00,600.10,17,EIRE\n',
  { seededRefundsPercent: 0 },
);
const order = (id: string, total: number, refunded = 0): OrderSummary => ({
  id, status: 'delivered', payment_status: 'paid', fulfillment_status: 'delivered', attention: null, currency: 'GBP', totals: { total },
  captured_amount: total, refunded_amount: refunded, metadata: {},
});
const book = (...rows: [string, number, number][]): Book =>
  new Map(rows.map(([id, captured, refunded]) => [id, { currency: 'GBP', captured, refunded }]));
const right = () => ({
  orders: new Map([['1', [order('a', 120_020, 60_010)]], ['2', [order('b', 30)]]]),
  ledger: book(['a', 120_020, 60_010], ['b', 30, 0]),
  provider: { book: book(['a', 120_020, 60_010], ['b', 30, 0]), stillAuthorized: new Map<string, number>() },
});

describe('the reconciliation', () => {
  it('agrees when every book says what the file says', () => {
    const result = compare(plan, right());
    expect(result).toMatchObject({ differences: [], exact: 2, invoices: 2 });
    expect(renderTable(result)).toBe(
      [
        'Sales, GBP                         count          amount      difference',
        '  in the file                          2        1,200.50',
        '  orders                               2        1,200.50            0.00',
        '  captured, ledger                     2        1,200.50            0.00',
        '  captured, provider                   2        1,200.50            0.00',
        '',
        'Refunds, GBP                       count          amount      difference',
        '  planned                              1          600.10',
        '  orders                               1          600.10            0.00',
        '  ledger                               1          600.10            0.00',
        '  provider                             1          600.10            0.00',
        '',
        '✓ Reconciled: 2 of 2 invoices agree to the penny in every book (100 %).',
      ].join('\n'),
    );
  });

  it('names an order that was placed twice', () => {
    const books = right();
    books.orders.set('2', [order('b', 30), order('c', 30)]);
    expect(compare(plan, books).differences).toContainEqual({ invoice: '2', what: 'orders', expected: 1, found: 2 });
  });

  it('names a charge that the ledger does not know, even where all sums agree', () => {
    const books = right();
    books.ledger = book(['a', 120_050, 60_010]);
    const result = compare(plan, books);
    expect(result.differences).toEqual([
      { invoice: '1', what: 'captured, by the ledger', expected: 120_020, found: 120_050 },
      { invoice: '2', what: 'captured, by the ledger', expected: 30, found: 0 },
    ]);
    expect(renderTable(result)).toContain('✗ Not reconciled: 0 of 2 invoices');
  });

  it('names a refund made twice, an order that is missing, and money that is still held', () => {
    const books = right();
    books.provider.book = book(['a', 120_020, 120_020], ['b', 30, 0]);
    books.provider.stillAuthorized.set('a', 500);
    books.orders.delete('2');
    expect(compare(plan, books).differences.map(({ invoice, what }) => `${invoice} ${what}`)).toEqual([
      '1 refunded, by the provider', '1 still authorised at the provider', '2 orders', '2 total of the order', '2 captured, by the order',
      '2 captured, by the ledger', '2 captured, by the provider',
    ]);
  });

  it('shows another currency in rows of its own', () => {
    const books = right();
    books.orders.set('2', [{ ...order('b', 30), currency: 'EUR' }]);
    expect(renderTable(compare(plan, books))).toMatch(/Sales, EUR[^]*orders +2 +0\.30 +0\.30/);
  });

  it('leaves out a provider that could not be asked', () => {
    const result = compare(plan, { ...right(), provider: undefined });
    expect(result.sales.map(({ name }) => name)).toEqual(['in the file', 'orders', 'captured, ledger']);
    expect(result.differences).toEqual([]);
  });
});
