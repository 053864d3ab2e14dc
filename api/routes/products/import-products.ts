import { sql } from 'kysely';
import { parseProductRow, productColumns } from '#domain/catalogue/product-row.ts';
import type { ProductRow } from '#domain/catalogue/product-row.ts';
import { parseRows } from '#domain/csv/parse-rows.ts';
import { readUploadedCsv } from '#domain/csv/read-csv.ts';
import type { CsvFailure } from '#domain/csv/read-csv.ts';
import { newId } from '#domain/ids.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { importLimits } from '../csv-body.ts';
import { inOrder } from './variant-rows.ts';

export interface ProductImportReport {
  /** SKUs that were new. */
  imported: number;
  /** SKUs that existed. */
  updated: number;
  failed: CsvFailure[];
}

/** All lines of one SKU: the first says what it is, each says a price. */
interface SkuRows {
  first: ProductRow;
  prices: ProductRow[];
}

const chunkSize = 1000;

/**
 * Creates or changes products by SKU from a product file (see `productColumns`): a new SKU becomes a product with one
 * variant; for one that exists, filled cells replace and empty ones leave. In a product of several variants the
 * title names the variant. Other prices stay. Takes turns with other imports of the tenant.
 * @throws {CsvFileError} when nothing of the file can be used
 */
export async function importProducts(db: Sql, scope: TenantScope, text: string, now: Date): Promise<ProductImportReport> {
  const { rows, failed: unreadable } = await readUploadedCsv(text, productColumns, importLimits);
  const { parsed, failed: refused } = parseRows(rows, parseProductRow);
  const { skus, failed: repeated } = groupBySku(parsed);
  await sql`select pg_advisory_xact_lock(hashtextextended(${`product-import/${scope.tenantId}`}, 0))`.execute(db);
  const existing = await lockVariants(db, [...skus.keys()]);
  const fresh = [...skus.values()].filter(({ first }) => !existing.has(first.sku));
  const known = [...skus.values()].filter(({ first }) => existing.has(first.sku));
  const created = await insertProducts(db, scope, fresh, now);
  if (known.length > 0) await updateProducts(db, known, existing, now);
  const ids = new Map([...existing, ...created]);
  const overtaken = fresh.filter(({ first }) => !created.has(first.sku));
  await upsertPrices(db, scope, [...skus.values()].filter(({ first }) => ids.has(first.sku)), ids);
  const failed = [...unreadable, ...refused, ...repeated, ...overtaken.flatMap(failuresOf)].sort((a, b) => a.line - b.line);
  return { imported: created.size, updated: known.length, failed };
}

function failuresOf({ first, prices }: SkuRows): CsvFailure[] {
  return prices.map(({ line }) => ({ line, reason: `${first.sku} was created by somebody else in this moment: send the line again.` }));
}

function groupBySku(rows: readonly ProductRow[]): { skus: Map<string, SkuRows>; failed: CsvFailure[] } {
  const skus = new Map<string, SkuRows>();
  const failed: CsvFailure[] = [];
  for (const row of rows) {
    const group = skus.get(row.sku);
    const same = group?.prices.find(({ price }) => price.currency === row.price.currency);
    if (same) failed.push({ line: row.line, reason: `${row.sku} in ${row.price.currency} is already on line ${same.line}.` });
    else if (group) group.prices.push(row);
    else skus.set(row.sku, { first: row, prices: [row] });
  }
  return { skus, failed };
}

/**
 * The variants with these SKUs, after locking their products. Whoever changes a variant locks its product first: taking
 * the variants first would make each wait for the other. New SKUs are inserted after that, since who holds a
 * product may be about to take one of them.
 */
async function lockVariants(db: Sql, skus: readonly string[]): Promise<Map<string, string>> {
  await sql`select 1 from products where id in (select product_id from variants where sku = any(${skus}))
    order by id for no key update`.execute(db);
  // Read again: while this waited, a variant may have been removed or got another SKU.
  return variantIds(db, skus);
}

async function variantIds(db: Sql, skus: readonly string[]): Promise<Map<string, string>> {
  const rows = await db.selectFrom('variants').select(['id', 'sku']).where(sql<boolean>`sku = any(${skus})`).execute();
  return new Map(rows.map(({ sku, id }) => [sku, id]));
}

/** Ids of the variants that were made, by SKU; a SKU that somebody else took since the look-up is not among them. */
async function insertProducts(db: Sql, scope: TenantScope, groups: readonly SkuRows[], now: Date): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  const tenant = { tenant_id: scope.tenantId, livemode: scope.livemode };
  // By SKU, as a product's variants are inserted, so that neither waits for the other in a circle.
  for (const chunk of chunks(groups.toSorted((a, b) => inOrder(a.first.sku, b.first.sku)))) {
    const made = chunk.map(({ first }) => ({ first, productId: newId('product'), variantId: newId('variant') }));
    await db
      .insertInto('products')
      .values(
        made.map(({ first, productId }) => ({
          id: productId, ...tenant, title: first.title, description: first.description ?? null, status: 'active',
          created_at: now, updated_at: now,
        })),
      )
      .execute();
    const inserted = await db
      .insertInto('variants')
      .values(
        made.map(({ first, productId, variantId }) => ({
          id: variantId, ...tenant, product_id: productId, sku: first.sku,
          weight_grams: first.weightGrams ?? null, length_mm: first.lengthMm ?? null, width_mm: first.widthMm ?? null,
          height_mm: first.heightMm ?? null, tax_category: first.taxCategory ?? 'standard',
        })),
      )
      .onConflict((conflict) => conflict.columns(['tenant_id', 'livemode', 'sku']).doNothing())
      .returning(['id', 'sku'])
      .execute();
    for (const { id, sku } of inserted) ids.set(sku, id);
    const without = made.filter(({ first }) => !ids.has(first.sku)).map(({ productId }) => productId);
    if (without.length > 0) await db.deleteFrom('products').where('id', 'in', without).execute();
  }
  return ids;
}

/** Two statements for all SKUs; a product's title follows its file only while it has a single variant. */
async function updateProducts(db: Sql, groups: readonly SkuRows[], ids: ReadonlyMap<string, string>, now: Date): Promise<void> {
  const changes = JSON.stringify(groups.map(({ first }) => ({ ...first, price: undefined, id: ids.get(first.sku) })));
  const input = sql`jsonb_to_recordset(${changes}::jsonb) as x(id text, title text, description text, "weightGrams" int,
    "lengthMm" int, "widthMm" int, "heightMm" int, "taxCategory" text)`;
  await sql`
    update variants v set
      title = case when single.yes then v.title else x.title end,
      weight_grams = coalesce(x."weightGrams", v.weight_grams), length_mm = coalesce(x."lengthMm", v.length_mm),
      width_mm = coalesce(x."widthMm", v.width_mm), height_mm = coalesce(x."heightMm", v.height_mm),
      tax_category = coalesce(x."taxCategory", v.tax_category)
    from ${input}
      join variants own on own.id = x.id
      cross join lateral (select count(*) = 1 as yes from variants o where o.product_id = own.product_id) single
    where v.id = x.id`.execute(db);
  await sql`
    update products p set
      title = case when changed.single then changed.title else p.title end,
      description = case when changed.single then coalesce(changed.description, p.description) else p.description end,
      version = p.version + 1, updated_at = ${now}
    from (
      select own.product_id, min(x.title) as title, min(x.description) as description,
        (select count(*) = 1 from variants o where o.product_id = own.product_id) as single
      from ${input} join variants own on own.id = x.id group by own.product_id) changed
    where p.id = changed.product_id`.execute(db);
}

async function upsertPrices(db: Sql, scope: TenantScope, groups: readonly SkuRows[], ids: ReadonlyMap<string, string>): Promise<void> {
  const prices = groups.flatMap(({ prices: rows }) =>
    rows.map(({ sku, price }) => ({
      id: newId('price'), tenant_id: scope.tenantId, livemode: scope.livemode, variant_id: ids.get(sku)!,
      currency: price.currency, amount: price.amount,
    })),
  );
  for (const chunk of chunks(prices)) {
    await db
      .insertInto('prices')
      .values(chunk)
      .onConflict((conflict) => conflict.columns(['variant_id', 'currency']).doUpdateSet((eb) => ({ amount: eb.ref('excluded.amount') })))
      .execute();
  }
}

function chunks<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / chunkSize) }, (_, index) =>
    items.slice(index * chunkSize, (index + 1) * chunkSize),
  );
}
