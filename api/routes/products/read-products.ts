import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { sql } from 'kysely';
import type { Sql } from '#entities/unit-of-work.ts';
import { Problem } from '../../problem.ts';
import type { ProductBody } from './schemas.ts';

export interface ProductFilters {
  status?: 'active' | 'archived';
  sku?: string;
  title?: string;
}

/** Products with variants and prices, in one statement. */
function productQuery(db: Sql) {
  return db.selectFrom('products as p').select((eb) => [
    'p.id', 'p.title', 'p.description', 'p.status', 'p.metadata', 'p.version', 'p.created_at', 'p.updated_at',
    jsonArrayFrom(
      eb
        .selectFrom('variants as v')
        .select((variant) => [
          'v.id', 'v.sku', 'v.title', 'v.weight_grams', 'v.length_mm', 'v.width_mm', 'v.height_mm', 'v.tax_category',
          jsonArrayFrom(
            variant.selectFrom('prices as x').select(['x.amount', 'x.currency']).whereRef('x.variant_id', '=', 'v.id').orderBy('x.currency'),
          ).as('prices'),
        ])
        .whereRef('v.product_id', '=', 'p.id')
        .orderBy('v.position')
        .orderBy('v.id'),
    ).as('variants'),
  ]);
}

type ProductRow = Awaited<ReturnType<ReturnType<typeof productQuery>['executeTakeFirstOrThrow']>>;

const toBody = (row: ProductRow): ProductBody => ({
  ...row,
  status: row.status as ProductBody['status'],
  metadata: row.metadata as Record<string, string>,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
});

/** Newest first; up to `limit` products after the one named by `after`. */
export async function listProducts(db: Sql, filters: ProductFilters, after: string | undefined, limit: number): Promise<ProductBody[]> {
  const { status, sku, title } = filters;
  const rows = await productQuery(db)
    .$if(status !== undefined, (query) => query.where('p.status', '=', status!))
    .$if(title !== undefined, (query) => query.where('p.title', 'ilike', `%${escapeLike(title!)}%`))
    .$if(sku !== undefined, (query) =>
      query.where((eb) => eb.exists(eb.selectFrom('variants as s').select(sql`1`.as('one')).whereRef('s.product_id', '=', 'p.id').where('s.sku', '=', sku!))),
    )
    .$if(after !== undefined, (query) => query.where('p.id', '<', after!))
    .orderBy('p.id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toBody);
}

/** @throws {Problem} not_found */
export async function readProduct(db: Sql, id: string): Promise<ProductBody> {
  const row = await productQuery(db).where('p.id', '=', id).executeTakeFirst();
  if (!row) throw new Problem('not_found', { detail: `There is no product ${id}.` });
  return toBody(row);
}

const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&');
