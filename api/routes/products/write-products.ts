import { newId } from '#domain/ids.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { Problem } from '../../problem.ts';
import { checkPrices, insertVariants } from './variant-rows.ts';
import type { ProductChangeBody, ProductInputBody } from './schemas.ts';

/**
 * A product with its variants and prices.
 * @throws {Problem} sku_taken, validation_failed
 */
export async function createProduct(db: Sql, scope: TenantScope, input: ProductInputBody, now: Date): Promise<string> {
  checkVariants(input);
  const id = newId('product');
  await db
    .insertInto('products')
    .values({
      id, tenant_id: scope.tenantId, livemode: scope.livemode, title: input.title, description: input.description ?? null,
      status: 'active', metadata: input.metadata ?? {}, created_at: now, updated_at: now,
    })
    .execute();
  await insertVariants(db, scope, id, input.variants, 0);
  return id;
}

/** @throws {Problem} not_found, precondition_failed */
export async function updateProduct(db: Sql, id: string, version: number, change: ProductChangeBody, now: Date): Promise<void> {
  await touchProduct(db, id, now, version);
  await db.updateTable('products').set(change).where('id', '=', id).execute();
}

/** What is sold no more keeps its row: orders refer to it. */
export async function archiveProduct(db: Sql, id: string, now: Date): Promise<void> {
  await touchProduct(db, id, now);
  await db.updateTable('products').set({ status: 'archived' }).where('id', '=', id).execute();
}

/**
 * Counts a change of the product or of anything below it, and keeps other writers out until the end of the transaction.
 * @param version the version that the change was made for; none = whatever it is
 * @throws {Problem} not_found, precondition_failed
 */
export async function touchProduct(db: Sql, id: string, now: Date, version?: number): Promise<void> {
  const touched = await db
    .updateTable('products')
    .set((eb) => ({ version: eb('version', '+', 1), updated_at: now }))
    .where('id', '=', id)
    .$if(version !== undefined, (query) => query.where('version', '=', version!))
    .returning('id')
    .executeTakeFirst();
  if (touched) return;
  const exists = await db.selectFrom('products').select('id').where('id', '=', id).executeTakeFirst();
  throw exists ? new Problem('precondition_failed') : new Problem('not_found', { detail: `There is no product ${id}.` });
}

function checkVariants({ variants }: ProductInputBody): void {
  const skus = variants.map(({ sku }) => sku);
  const repeated = skus.findIndex((sku, index) => skus.indexOf(sku) !== index);
  if (repeated >= 0) {
    throw new Problem('validation_failed', { errors: [{ pointer: `/variants/${repeated}/sku`, detail: 'is named twice in this product' }] });
  }
  variants.forEach(({ prices }, index) => checkPrices(prices, `/variants/${index}/prices`));
}
