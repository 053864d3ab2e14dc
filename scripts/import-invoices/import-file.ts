import { readFile } from 'node:fs/promises';
import { planImport } from './plan/plan.ts';
import type { PlanOptions } from './plan/plan.ts';
import { renderTable } from './reconcile/table.ts';
import { summary } from './report.ts';
import { runImport } from './run.ts';
import type { ImportOptions, ImportTarget } from './run.ts';

export interface FileImport extends PlanOptions, Pick<ImportOptions, 'concurrency' | 'stopping' | 'signal'> {
  file: string;
}

/**
 * Imports a file, saying on the screen what happens, and ends with the table.
 * @returns the process's exit code: 0 = all books agree, 1 = something differs or failed, 130 = stopped by the user
 */
export async function importFile(target: ImportTarget, options: FileImport): Promise<number> {
  const plan = planImport(await readFile(options.file, 'utf8'), options);
  const say = (line: string) => console.log(line);
  say(summary(plan));
  const result = await runImport(plan, target, { ...options, say });
  const { imported, seconds, repeated, failures, reconciliation, folder } = result;
  say(
    `Imported ${imported} invoices in ${seconds.toFixed(1)} s (${(imported / Math.max(seconds, 0.001)).toFixed(1)}/s: placed, shipped, delivered)` +
      `${repeated ? `; ${repeated} requests had to be repeated` : ''}`,
  );
  for (const { invoice, reason } of failures.slice(0, 20)) say(`✗ invoice ${invoice}: ${reason}`);
  if (failures.length > 20) say(`… and ${failures.length - 20} more`);
  if (!reconciliation) {
    say('Stopped. The same command continues where this one ended.');
    return 130;
  }
  say(`\n${renderTable(reconciliation)}`);
  if (reconciliation.differences.length > 0) say(`    all of them: ${folder}/differences.csv`);
  if (!target.stripe) say('✗ The provider was not asked: set STRIPE_SECRET_KEY to compare with it too.');
  return failures.length === 0 && reconciliation.differences.length === 0 && target.stripe ? 0 : 1;
}
