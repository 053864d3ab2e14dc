import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { csv } from './plan/catalogue.ts';
import type { ImportPlan } from './plan/plan.ts';
import type { Difference } from './reconcile/compare.ts';

/** What there is to say about the file's lines, in their order: left out, for a guest, matched or not. */
export function reportRows({ lines, skipped, cancellations }: ImportPlan): string[][] {
  const left = new Set(skipped.map(({ line }) => line));
  const rows = [
    ...skipped.map(({ line, invoice, sku, reason, detail }) => ({ line, cells: [invoice, sku, 'left_out', reason, detail] })),
    ...lines
      .filter(({ customer, cancellation, line }) => !customer && !cancellation && !left.has(line))
      .map(({ line, invoice, sku }) => ({ line, cells: [invoice, sku, 'kept', 'missing_customer', 'the order is a guest\'s'] })),
    ...cancellations.matched.map(({ line, invoice, sku }) => ({ line, cells: [invoice, sku, 'refunded', 'matched', 'undoes an earlier sale'] })),
    ...cancellations.unmatched.map(({ line: { line, invoice, sku }, reason }) => ({ line, cells: [invoice, sku, 'not_refunded', 'unmatched', reason] })),
  ];
  const sorted = rows.sort((a, b) => a.line - b.line).map(({ line, cells }) => [String(line), ...cells]);
  return [['line', 'invoice', 'sku', 'verdict', 'reason', 'detail'], ...sorted];
}

/** What the import found in the file, in a few lines for people. */
export function summary({ lines, skipped, sales, beyondLimit, refunds, articles, cancellations }: ImportPlan): string {
  const reasons = [...Map.groupBy(skipped, ({ reason }) => reason)].map(([reason, of]) => `${of.length} ${reason}`).join(', ');
  const unmatched = [...Map.groupBy(cancellations.unmatched, ({ reason }) => reason)].map(([reason, of]) => `${of.length} ${reason}`).join(', ');
  const planned = [...refunds.values()].flat();
  const guests = sales.filter(({ customer }) => !customer).length;
  return [
    `Lines          ${lines.length + skipped.length - notChargeable(skipped)}, of which ${skipped.length} left out${reasons ? `: ${reasons}` : ''}`,
    `Catalogue      ${articles.length} articles`,
    `Invoices       ${sales.length}${beyondLimit ? ` (and ${beyondLimit} beyond the limit)` : ''}, ${guests} of them without a customer: guests`,
    `Cancellations  ${cancellations.invoices} invoices, ${cancellations.lines} lines: ${cancellations.matched.length} matched to an earlier sale, ` +
      `${cancellations.unmatched.length} not${unmatched ? ` (${unmatched})` : ''}`,
    `Refunds        ${planned.length}: ${planned.filter(({ source }) => source !== 'seeded').length} from cancellations, ` +
      `${planned.filter(({ source }) => source === 'seeded').length} seeded`,
  ].join('\n');
}

/** Writes a report whole or not at all; answers its path. */
export async function writeReport(folder: string, name: string, rows: readonly string[][]): Promise<string> {
  const file = join(folder, name);
  await mkdir(folder, { recursive: true });
  await writeFile(`${file}.new`, csv(rows));
  await rename(`${file}.new`, file);
  return file;
}

export function differenceRows(differences: readonly Difference[]): string[][] {
  const rows = differences.map(({ invoice, what, expected, found }) => [invoice, what, String(expected), String(found)]);
  return [['invoice', 'what', 'expected', 'found'], ...rows];
}

/** Their lines are counted among the usable ones too. */
function notChargeable(skipped: ImportPlan['skipped']): number {
  return skipped.filter(({ reason }) => reason === 'not_chargeable').length;
}
