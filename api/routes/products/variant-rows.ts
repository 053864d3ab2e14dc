import { newId } from '#domain/ids.ts';
import { isCurrency } from '#domain/money.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { Problem } from '../../problem.ts';
import { withConstraints } from '../sql-errors.ts';
import type { VariantInputBody } from './schemas.ts';

export interface PriceInput {
  amount: number;
  currency: string;
}

/** @throws {Problem} validation_failed for a currency that there is not, or one that has two prices */
export function checkPrices(prices: readonly PriceInput[] | undefined, pointer: string): void {
  const errors = (prices ?? []).flatMap(({ currency }, index) => {
    if (!isCurrency(currency)) return [{ pointer: `${pointer}/${index}/currency`, detail: 'is not an ISO 4217 currency' }];
    const first = prices!.findIndex((price) => price.currency === currency);
    return first === index ? [] : [{ pointer: `${pointer}/${index}/currency`, detail: 'has a price already' }];
  });
  if (errors.length > 0) throw new Problem('validation_failed', { errors });
}

/** The order in which SKUs are inserted. */
export function inOrder(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** @throws {Problem} sku_taken */
export async function insertVariants(
  db: Sql, scope: TenantScope, productId: string, variants: readonly VariantInputBody[], firstPosition: number,
): Promise<void> {
  // In one order for all who insert several SKUs: two that take the same ones must not wait for each other.
  const rows = variants
    .map((variant, index) => ({ ...variant, id: newId('variant'), position: firstPosition + index }))
    .sort((a, b) => inOrder(a.sku, b.sku));
  await uniqueSku(() =>
    db
      .insertInto('variants')
      .values(
        rows.map(({ id, position, sku, title, weight_grams, length_mm, width_mm, height_mm, tax_category }) => ({
          id, tenant_id: scope.tenantId, livemode: scope.livemode, product_id: productId, sku, position,
          title: title ?? null, weight_grams: weight_grams ?? null, length_mm: length_mm ?? null, width_mm: width_mm ?? null,
          height_mm: height_mm ?? null, tax_category: tax_category ?? 'standard',
        })),
      )
      .execute(),
  );
  await insertPrices(db, scope, rows.flatMap(({ id, prices }) => (prices ?? []).map((price) => ({ ...price, variantId: id }))));
}

export async function insertPrices(db: Sql, scope: TenantScope, prices: readonly (PriceInput & { variantId: string })[]): Promise<void> {
  if (prices.length === 0) return;
  await db
    .insertInto('prices')
    .values(
      prices.map(({ variantId, amount, currency }) => ({
        id: newId('price'), tenant_id: scope.tenantId, livemode: scope.livemode, variant_id: variantId, amount, currency,
      })),
    )
    .onConflict((conflict) => conflict.columns(['variant_id', 'currency']).doUpdateSet((eb) => ({ amount: eb.ref('excluded.amount') })))
    .execute();
}

/** @throws {Problem} sku_taken when `work` violates the uniqueness of SKUs */
export function uniqueSku<T>(work: () => Promise<T>): Promise<T> {
  return withConstraints(
    { variants_tenant_id_livemode_sku_key: { code: 'sku_taken', detail: 'Another variant has this SKU already.' } },
    work,
  );
}
