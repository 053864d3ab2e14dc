import type { ImportPlan } from '../plan/plan.ts';
import { productsCsv, stockCsv } from '../plan/catalogue.ts';
import type { Client } from './client.ts';
import { Refused } from './client.ts';

interface ImportReport {
  failed: { line: number; reason: string }[];
}

/** Brings the file's articles into the catalogue, with a price each. Those that the shop has are brought up to date. */
export async function importCatalogue(client: Client, plan: ImportPlan): Promise<void> {
  const report = await client.post<ImportReport>('/api/products/import', {
    key: `import-${plan.hash}-products`, type: 'text/csv', body: productsCsv(plan.articles),
  });
  refuseFailures('products', report);
}

/** Receives all units that the file sells, once, at the shop's first location. */
export async function importStock(client: Client, plan: ImportPlan): Promise<void> {
  const first = plan.articles[0];
  if (!first) return;
  const reason = `import ${plan.hash}`;
  // The key would do, for as long as the API remembers it; the adjustment itself is never forgotten.
  for await (const adjustment of client.list<{ reason: string }>(`/api/stock/adjustments?sku=${encodeURIComponent(first.sku)}`)) {
    if (adjustment.reason === reason) return;
  }
  const report = await client.post<ImportReport>('/api/stock/import', {
    key: `import-${plan.hash}-stock`, type: 'text/csv', body: stockCsv(plan.articles, await locationCode(client), reason),
  });
  refuseFailures('stock', report);
}

/** All units at one location, so that no order is split over two. */
async function locationCode(client: Client): Promise<string> {
  const codes: { code: string; priority: number; status: string }[] = [];
  for await (const location of client.list<(typeof codes)[number]>('/api/locations')) codes.push(location);
  const usable = codes.filter(({ status }) => status === 'active').sort((a, b) => a.priority - b.priority || (a.code < b.code ? -1 : 1));
  if (!usable[0]) throw new Error('The shop has no active location to keep stock at: add one with POST /api/locations.');
  return usable[0].code;
}

function refuseFailures(what: string, { failed }: ImportReport): void {
  if (failed.length === 0) return;
  const lines = failed.slice(0, 5).map(({ line, reason }) => `line ${line}: ${reason}`).join(' ');
  throw new Refused(`${failed.length} ${what} were not taken`, 422, { detail: lines });
}
