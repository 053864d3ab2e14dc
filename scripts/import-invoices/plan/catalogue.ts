import { toDecimal } from '#domain/money.ts';
import { fileCurrency } from '../file/lines.ts';
import type { Invoice } from '../file/invoices.ts';

export interface Article {
  sku: string;
  title: string;
  /** Minor units; half of the articles were sold at more than one: the most common. */
  price: number;
  /** Units sold in all of the file. */
  sold: number;
}

/** Beyond what is sold, so that somebody else's order in between doesn't leave the import short. */
const spareUnits = 100;

/** One article per stock code, by stock code, from all sales of the file. */
export function catalogueOf(sales: readonly Invoice[]): Article[] {
  const articles = new Map<string, { titles: string[]; prices: number[]; sold: number }>();
  for (const { sku, description, unitPrice, quantity } of sales.flatMap(({ lines }) => lines)) {
    const article = articles.get(sku) ?? { titles: [], prices: [], sold: 0 };
    article.titles.push(description);
    article.prices.push(unitPrice);
    article.sold += quantity;
    articles.set(sku, article);
  }
  return [...articles]
    .map(([sku, { titles, prices, sold }]) => ({ sku, title: mostCommon(titles), price: mostCommon(prices), sold }))
    .sort((a, b) => (a.sku < b.sku ? -1 : 1));
}

/** The catalogue as `POST /api/products/import` takes it. */
export function productsCsv(articles: readonly Article[]): string {
  const rows = articles.map(({ sku, title, price }) => [sku, title, toDecimal({ amount: price, currency: fileCurrency }), fileCurrency]);
  return csv([['sku', 'title', 'price', 'currency'], ...rows]);
}

/** Enough stock for all of the file, as `POST /api/stock/import` takes it. */
export function stockCsv(articles: readonly Article[], locationCode: string, reason: string): string {
  const rows = articles.map(({ sku, sold }) => [sku, locationCode, String(sold + spareUnits), reason]);
  return csv([['sku', 'location_code', 'quantity', 'reason'], ...rows]);
}

/** Cells as RFC 4180 text. */
export function csv(rows: readonly (readonly string[])[]): string {
  const quoted = (cell: string) => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return rows.map((row) => `${row.map(quoted).join(',')}\n`).join('');
}

/** The first one where several are as common. */
function mostCommon<T>(values: readonly T[]): T {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}
