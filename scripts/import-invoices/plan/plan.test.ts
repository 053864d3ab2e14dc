import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parseRows } from '#domain/csv/parse-rows.ts';
import { readCsv } from '#domain/csv/read-csv.ts';
import { parseProductRow, productColumns } from '#domain/catalogue/product-row.ts';
import { parseStockRow, stockColumns } from '#domain/inventory/stock-row.ts';
import { isCountry } from '#domain/addresses/countries.ts';
import { groupInvoices } from '../file/invoices.ts';
import { readLines } from '../file/lines.ts';
import { reportRows, summary } from '../report.ts';
import { buyerOf } from './buyer.ts';
import { catalogueOf, productsCsv, stockCsv } from './catalogue.ts';
import { planImport } from './plan.ts';
import { matchCancellations, seedRefunds } from './refunds.ts';

const extract = readFileSync(new URL('../data/online-retail-extract.csv', import.meta.url), 'utf8');
const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n';
const invoices = (...lines: string[]) =>
  groupInvoices(readLines(header + lines.map((line) => `${line},United Kingdom\n`).join('')).lines);

describe('cancellations', () => {
  const match = (...lines: string[]) => {
    const { sales, cancellations } = invoices(...lines);
    return matchCancellations(sales, cancellations);
  };
  const sale = '1,22423,CAKESTAND,5,2011-01-02 10:00:00,2.50,17';

  it('undo the latest earlier sale with enough units, once', () => {
    const { refunds, unmatched } = match(
      sale, '2,22423,CAKESTAND,2,2011-01-03 10:00:00,2.50,17',
      'C3,22423,CAKESTAND,-2,2011-01-04 10:00:00,2.50,17', 'C4,22423,CAKESTAND,-4,2011-01-05 10:00:00,2.50,17',
      'C5,22423,CAKESTAND,-2,2011-01-06 10:00:00,2.50,17',
    );
    expect(refunds).toMatchObject([
      { sale: '2', source: 'C3', amount: 500, body: { lines: [{ sku: '22423', quantity: 2 }] } },
      { sale: '1', source: 'C4', amount: 1000, body: { lines: [{ sku: '22423', quantity: 4 }] } },
    ]);
    expect(unmatched).toMatchObject([{ line: { line: 6 }, reason: 'earlier sales had fewer units' }]);
  });

  it.each([
    ['of somebody else', '2,22423,CAKESTAND,-2,2011-01-04 10:00:00,2.50,18', /no earlier sale/],
    ['before the sale', '2,22423,CAKESTAND,-2,2011-01-01 10:00:00,2.50,17', /no earlier sale/],
    ['at another price', '2,22423,CAKESTAND,-2,2011-01-04 10:00:00,2.49,17', /another price/],
    ['of nobody known', '2,22423,CAKESTAND,-2,2011-01-04 10:00:00,2.50,', /no customer/],
  ])('%s find no sale', (_name, cancellation, reason) => {
    const { refunds, unmatched } = match(sale, `C${cancellation}`);
    expect(refunds).toEqual([]);
    expect(unmatched[0]?.reason).toMatch(reason);
  });

  it('are one refund for each cancellation and sale', () => {
    const { refunds, matched } = match(
      sale, '1,22424,BOX,1,2011-01-02 10:00:00,4.00,17',
      'C3,22423,CAKESTAND,-1,2011-01-04 10:00:00,2.50,17', 'C3,22424,BOX,-1,2011-01-04 10:00:00,4.00,17',
    );
    expect(refunds).toMatchObject([{ amount: 650, body: { lines: [{ sku: '22423', quantity: 1 }, { sku: '22424', quantity: 1 }] } }]);
    expect(matched).toHaveLength(2);
  });
});

describe('the plan of the real extract', () => {
  const plan = planImport(extract, { seededRefundsPercent: 5 });

  it('says how many cancellations found their sale', () => {
    expect([plan.cancellations.lines, plan.cancellations.matched.length, plan.cancellations.unmatched.length]).toEqual([26, 9, 17]);
  });

  it('never gives back more than was paid', () => {
    for (const sale of plan.sales) {
      const back = (plan.refunds.get(sale.number) ?? []).reduce((sum, { amount }) => sum + amount, 0);
      expect(back).toBeLessThanOrEqual(sale.total);
    }
  });

  it('makes files that the shop takes whole, with a price and enough stock for each article', () => {
    const products = parseRows(readCsv(productsCsv(plan.articles), productColumns).rows, parseProductRow);
    const stock = parseRows(readCsv(stockCsv(plan.articles, 'london', 'import'), stockColumns).rows, parseStockRow);
    expect([products.failed, stock.failed]).toEqual([[], []]);
    expect(products.parsed).toHaveLength(232);
    const kept = new Map(stock.parsed.map(({ sku, quantity }) => [sku, quantity]));
    for (const { sku, quantity } of plan.sales.flatMap(({ lines }) => lines)) expect(kept.get(sku)).toBeGreaterThanOrEqual(quantity);
  });

  it('sends everything to a country that exists, and mail to nobody', () => {
    for (const sale of plan.sales) {
      const { email, address } = buyerOf(sale);
      expect(email).toMatch(/^(customer|guest)-\d+@example\.test$/);
      expect(isCountry(address.country)).toBe(true);
    }
  });

  it('with a limit is a part of the plan without one', () => {
    const part = planImport(extract, { seededRefundsPercent: 5, limit: 30 });
    expect(part.sales).toEqual(plan.sales.slice(0, 30));
    expect(part.beyondLimit).toBe(89);
    expect(part.articles).toEqual(plan.articles);
    for (const { number } of part.sales) expect(part.refunds.get(number)).toEqual(plan.refunds.get(number));
  });

  it('reports each line that is not simply an order\'s', () => {
    const verdicts = Map.groupBy(reportRows(plan).slice(1), ([, , , verdict]) => verdict);
    expect(Object.fromEntries([...verdicts].map(([verdict, rows]) => [verdict, rows.length]))).toEqual({
      left_out: 19, kept: 25, refunded: 9, not_refunded: 17,
    });
    expect(summary(plan)).toContain('Lines          301, of which 19 left out');
  });
});

describe('articles', () => {
  it('have the price and the name that they had most often', () => {
    const { sales } = invoices(
      '1,22423,CAKE STAND,1,2011-01-02 10:00:00,3.00,1', '2,22423,CAKESTAND,2,2011-01-03 10:00:00,2.50,1',
      '3,22423,CAKESTAND,3,2011-01-04 10:00:00,2.50,1',
    );
    expect(catalogueOf(sales)).toEqual([{ sku: '22423', title: 'CAKESTAND', price: 250, sold: 6 }]);
  });
});

describe('seeded refunds', () => {
  const { sales } = groupInvoices(readLines(extract).lines);

  it('are the same for the same sales, and more with more percent', () => {
    const few = seedRefunds(sales, new Set(), 5);
    expect(seedRefunds(sales, new Set(), 5)).toEqual(few);
    expect(seedRefunds(sales, new Set(), 100)).toHaveLength(sales.length);
    expect(seedRefunds(sales, new Set(), 0)).toEqual([]);
  });

  it('are whole, by units and by amount', () => {
    const bodies = seedRefunds(sales, new Set(), 100).map(({ body }) => Object.keys(body).join());
    expect(new Set(bodies)).toEqual(new Set(['', 'lines', 'amount']));
  });

  it('leave sales alone that a cancellation undoes', () => {
    const taken = new Set(sales.slice(0, 100).map(({ number }) => number));
    expect(seedRefunds(sales, taken, 100).filter(({ sale }) => taken.has(sale))).toEqual([]);
  });
});
