import { toDecimal } from '#domain/money.ts';
import { fileCurrency } from '../file/lines.ts';
import type { Reconciliation, Row } from './compare.ts';

/** Shown on the screen; all are in differences.csv. */
const mostShown = 20;

/** The reconciliation as text: by currency, each book against what the file asks for. */
export function renderTable(result: Reconciliation): string {
  const { exact, invoices, differences } = result;
  const share = invoices === 0 ? 100 : Math.floor((exact / invoices) * 10_000) / 100;
  return [
    ...block('Sales', result.sales),
    '',
    ...block('Refunds', result.refunds),
    '',
    differences.length === 0
      ? `✓ Reconciled: ${count(invoices)} of ${count(invoices)} invoices agree to the penny in every book (100 %).`
      : `✗ Not reconciled: ${count(exact)} of ${count(invoices)} invoices agree in every book (${share} %); ${count(differences.length)} differences:`,
    ...differences.slice(0, mostShown).map(({ invoice, what, expected, found }) => `    invoice ${invoice}: ${what}: ${found} instead of ${expected}`),
    ...(differences.length > mostShown ? [`    … and ${count(differences.length - mostShown)} more`] : []),
  ].join('\n');
}

/** A row for each book and currency; the first book is the one that the others are held to. */
function block(title: string, rows: readonly Row[]): string[] {
  const [expected] = rows;
  const currencies = [...new Set([fileCurrency, ...rows.flatMap(({ amounts }) => [...amounts.keys()])])];
  return currencies.flatMap((currency) => [
    line(`${title}, ${currency}`, 'count', 'amount', 'difference'),
    ...rows.map((row) => {
      const amount = row.amounts.get(currency) ?? 0;
      const difference = amount - (expected?.amounts.get(currency) ?? 0);
      return line(`  ${row.name}`, count(row.count), decimal(amount, currency), row === expected ? '' : decimal(difference, currency));
    }),
  ]);
}

function line(...[name, ...cells]: [string, string, string, string]): string {
  return `${name.padEnd(24)}${cells.map((cell) => cell.padStart(16)).join('')}`.trimEnd();
}

const count = (value: number) => value.toLocaleString('en-GB');

/** `1234567` → `12,345.67`; grouped by hand, so that no float is on the way. */
function decimal(amount: number, currency: string): string {
  const [whole, fraction] = toDecimal({ amount, currency }).split('.');
  return [whole!.replace(/\B(?=(\d{3})+$)/g, ','), fraction].filter((part) => part !== undefined).join('.');
}
