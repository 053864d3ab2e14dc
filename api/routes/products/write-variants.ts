import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { Problem } from '../../problem.ts';
import { checkPrices, insertPrices, insertVariants, uniqueSku } from './variant-rows.ts';
import type { PriceInput } from './variant-rows.ts';
import { touchProduct } from './write-products.ts';
import type { VariantChangeBody, VariantInputBody } from './schemas.ts';

interface VariantPath {
  id: string;
  variant_id: string;
}

/** @throws {Problem} not_found, sku_taken, validation_failed */
export async function addVariant(db: Sql, scope: TenantScope, productId: string, input: VariantInputBody, now: Date): Promise<void> {
  checkPrices(input.prices, '/prices');
  await touchProduct(db, productId, now);
  const { last } = await db
    .selectFrom('variants')
    .select((eb) => eb.fn.coalesce(eb.fn.max('position'), eb.lit(-1)).as('last'))
    .where('product_id', '=', productId)
    .executeTakeFirstOrThrow();
  await insertVariants(db, scope, productId, [input], last + 1);
}

/**
 * A SKU with stock or reservations keeps its name: both are counted by it.
 * @throws {Problem} not_found, precondition_failed, sku_taken, in_use, validation_failed
 */
export async function changeVariant(db: Sql, scope: TenantScope, path: VariantPath, version: number, change: VariantChangeBody, now: Date): Promise<void> {
  const { prices, ...columns } = change;
  checkPrices(prices, '/prices');
  await touchProduct(db, path.id, now, version);
  const sku = await skuOf(db, path);
  if (columns.sku !== undefined && columns.sku !== sku) await refuseStock(db, sku);
  if (Object.keys(columns).length > 0) {
    await uniqueSku(() => db.updateTable('variants').set(columns).where('id', '=', path.variant_id).execute());
  }
  if (prices === undefined) return;
  await db.deleteFrom('prices').where('variant_id', '=', path.variant_id).execute();
  await insertPrices(db, scope, prices.map((price) => ({ ...price, variantId: path.variant_id })));
}

/** @throws {Problem} not_found, in_use for the last variant and for one with stock */
export async function removeVariant(db: Sql, path: VariantPath, now: Date): Promise<void> {
  await touchProduct(db, path.id, now);
  const sku = await skuOf(db, path);
  await refuseStock(db, sku);
  const others = await db.selectFrom('variants').select('id').where('product_id', '=', path.id).where('id', '<>', path.variant_id).limit(1).execute();
  if (others.length === 0) throw new Problem('in_use', { detail: 'A product keeps at least one variant; archive the product instead.' });
  await db.deleteFrom('variants').where('id', '=', path.variant_id).execute();
}

/** @throws {Problem} not_found, validation_failed */
export async function setPrice(db: Sql, scope: TenantScope, path: VariantPath, price: PriceInput, now: Date): Promise<void> {
  checkPrices([price], '');
  await touchProduct(db, path.id, now);
  await skuOf(db, path);
  await insertPrices(db, scope, [{ ...price, variantId: path.variant_id }]);
}

/** @throws {Problem} not_found */
export async function removePrice(db: Sql, path: VariantPath, currency: string, now: Date): Promise<void> {
  await touchProduct(db, path.id, now);
  await skuOf(db, path);
  const removed = await db
    .deleteFrom('prices')
    .where('variant_id', '=', path.variant_id)
    .where('currency', '=', currency)
    .returning('id')
    .executeTakeFirst();
  if (!removed) throw new Problem('not_found', { detail: `The variant has no price in ${currency}.` });
}

async function skuOf(db: Sql, path: VariantPath): Promise<string> {
  const row = await db.selectFrom('variants').select('sku').where('id', '=', path.variant_id).where('product_id', '=', path.id).executeTakeFirst();
  if (!row) throw new Problem('not_found', { detail: `The product has no variant ${path.variant_id}.` });
  return row.sku;
}

async function refuseStock(db: Sql, sku: string): Promise<void> {
  const stocked = await db
    .selectFrom('stock_levels')
    .select('location_id')
    .where('sku', '=', sku)
    .where((eb) => eb.or([eb('on_hand', '>', 0), eb('reserved', '>', 0)]))
    .executeTakeFirst();
  if (stocked) throw new Problem('in_use', { detail: `${sku} has stock: adjust it to 0 first, once no order has reserved it.` });
}
