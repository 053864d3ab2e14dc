import { join } from 'node:path';
import type Stripe from 'stripe';
import { Client, GaveUp, Refused } from './api/client.ts';
import { importCatalogue, importStock } from './api/goods.ts';
import { InvoiceImporter, Stuck } from './api/invoice.ts';
import type { OrderSummary } from './api/types.ts';
import type { ImportPlan } from './plan/plan.ts';
import { showProgress } from './progress.ts';
import { readLedger, readOrders, readProvider } from './reconcile/books.ts';
import { compare } from './reconcile/compare.ts';
import type { Reconciliation } from './reconcile/compare.ts';
import { differenceRows, reportRows, writeReport } from './report.ts';

export interface ImportTarget {
  apiUrl: string;
  apiKey: string;
  /** Undefined where the provider can't be asked: then the reconciliation lacks it. */
  stripe: Stripe | undefined;
  /** Reports go to `import/<hash>/` in it. */
  directory: string;
}

export interface ImportOptions {
  /** Invoices in work at a time. */
  concurrency: number;
  say: (line: string) => void;
  /** Takes no further invoice; those in work are finished. */
  stopping?: AbortSignal;
  /** Ends waiting at once. */
  signal?: AbortSignal;
}

export interface Failure {
  invoice: string;
  reason: string;
}

export interface ImportResult {
  failures: Failure[];
  /** Undefined when the import was stopped before its end. */
  reconciliation: Reconciliation | undefined;
  seconds: number;
  /** Taken to their end in this run. */
  imported: number;
  repeated: number;
  /** Folder of the reports. */
  folder: string;
}

/**
 * Takes a plan to its end from wherever earlier runs have left it, then compares all books.
 * @throws {GaveUp} when the API stays away; {Refused} when catalogue or stock are not taken, or the key is not
 */
export async function runImport(plan: ImportPlan, target: ImportTarget, options: ImportOptions): Promise<ImportResult> {
  const { say } = options;
  const folder = join(target.directory, 'import', plan.hash);
  say(`Report         ${await writeReport(folder, 'report.csv', reportRows(plan))}`);
  // The first error that concerns all of them ends what the others wait for.
  const broken = new AbortController();
  const signal = AbortSignal.any([broken.signal, ...(options.signal ? [options.signal] : [])]);
  const client = new Client({ ...target, signal });
  await importCatalogue(client, plan);
  await importStock(client, plan);
  const known = await readOrders(client, plan.hash);
  const began = performance.now();
  const { imported, failures } = await takeAll(plan, known, new InvoiceImporter(client, plan.hash, signal), broken, options);
  const seconds = (performance.now() - began) / 1000;
  const done = { failures, seconds, imported, repeated: client.repeated, folder };
  if (options.stopping?.aborted) return { ...done, reconciliation: undefined };
  say('Reconciling: reading orders, ledger and provider');
  const orders = await readOrders(client, plan.hash);
  const ids = new Set([...orders.values()].flat().map(({ id }) => id));
  const ledger = await readLedger(client, ids);
  const provider = target.stripe ? await readProvider(target.stripe, ids) : undefined;
  const reconciliation = compare(plan, { orders, ledger, provider });
  await writeReport(folder, 'differences.csv', differenceRows(reconciliation.differences));
  return { ...done, repeated: client.repeated, reconciliation };
}

async function takeAll(
  plan: ImportPlan, known: ReadonlyMap<string, readonly OrderSummary[]>, importer: InvoiceImporter, broken: AbortController,
  { concurrency, stopping, say }: ImportOptions,
): Promise<{ imported: number; failures: Failure[] }> {
  const open = plan.sales.filter(({ number, total }) => !isDone(total, plan.refunds.get(number) ?? [], known.get(number)?.[0]));
  const already = plan.sales.length - open.length;
  if (already > 0) say(`Continuing: ${already} of ${plan.sales.length} invoices are done already`);
  const progress = showProgress('Invoices', plan.sales.length, already);
  const failures: Failure[] = [];
  let imported = 0;
  const queue = open.values();
  const work = async () => {
    for (const sale of queue) {
      if (stopping?.aborted || broken.signal.aborted) return;
      try {
        await importer.take(sale, plan.refunds.get(sale.number) ?? [], known.get(sale.number)?.[0]);
        imported += 1;
      } catch (error) {
        failures.push({ invoice: sale.number, reason: refusalOf(error) });
      }
      progress.step(already + imported + failures.length);
    }
  };
  try {
    await Promise.all(
      Array.from({ length: concurrency }, () =>
        work().catch((error: unknown) => {
          broken.abort();
          throw error;
        }),
      ),
    );
  } finally {
    progress.stop();
  }
  return { imported, failures };
}

/** An invoice's own failure leaves the others to go on. @throws what concerns them all */
function refusalOf(error: unknown): string {
  const ours = error instanceof Stuck || (error instanceof Refused && ![401, 403].includes(error.status));
  if (!ours || error instanceof GaveUp) throw error;
  return error.message;
}

function isDone(total: number, refunds: readonly { amount: number }[], order: OrderSummary | undefined): boolean {
  if (!order || order.fulfillment_status !== 'delivered' || order.captured_amount !== total) return false;
  return refunds.reduce((sum, { amount }) => sum + amount, 0) <= order.refunded_amount;
}
