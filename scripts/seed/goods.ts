import { readFile } from 'node:fs/promises';
import { newId } from '#domain/ids.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { importProducts } from '#api/routes/products/import-products.ts';
import { importStock } from '#api/routes/stock/import-stock.ts';
import type { CsvFailure } from '#domain/csv/read-csv.ts';

const locations = [
  { code: 'london', name: 'London warehouse', country: 'GB', priority: 10 },
  { code: 'rotterdam', name: 'Rotterdam warehouse', country: 'NL', priority: 20 },
];

/** Makes the demo's locations where missing. Answers the ids by code, in the order of their priority. */
export async function ensureLocations(db: Sql, scope: TenantScope, now: Date): Promise<Record<string, string>> {
  await db
    .insertInto('locations')
    .values(
      locations.map((location) => ({
        id: newId('location'), tenant_id: scope.tenantId, livemode: scope.livemode, ...location, status: 'active',
        created_at: now, updated_at: now,
      })),
    )
    .onConflict((conflict) => conflict.columns(['tenant_id', 'livemode', 'code']).doNothing())
    .execute();
  const rows = await db.selectFrom('locations').select(['code', 'id']).where('code', 'in', locations.map(({ code }) => code)).orderBy('priority').execute();
  return Object.fromEntries(rows.map(({ code, id }) => [code, id]));
}

/** Fills an empty catalogue and an empty stock. What somebody has changed since is left alone. */
export async function ensureGoods(db: Sql, scope: TenantScope, now: Date): Promise<void> {
  if (!(await db.selectFrom('products').select('id').limit(1).executeTakeFirst())) {
    refuseFailures('products.csv', (await importProducts(db, scope, await read('products.csv'), now)).failed);
  }
  if (!(await db.selectFrom('stock_adjustments').select('id').limit(1).executeTakeFirst())) {
    refuseFailures('stock.csv', (await importStock(db, scope, 'seed', await read('stock.csv'), now)).failed);
  }
}

function read(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), 'utf8');
}

function refuseFailures(name: string, failed: readonly CsvFailure[]): void {
  if (failed.length > 0) throw new Error(`scripts/seed/${name}: ${failed.map(({ line, reason }) => `line ${line}: ${reason}`).join(' ')}`);
}
