import { sql } from 'kysely';
import type { Sql } from '#entities/unit-of-work.ts';
import { isStorableText } from '../../plugins/text.ts';
import type { StockAdjustmentBody, StockLevelBody } from './schemas.ts';

/** Where a page of stock levels begins: after this SKU at this location. */
export interface LevelCursor {
  sku: string;
  locationId: string;
}

export interface StockFilters {
  sku?: string;
  location_id?: string;
}

/** By SKU, then location; up to `limit` levels after the cursor. */
export async function listLevels(db: Sql, { sku, location_id }: StockFilters, after: LevelCursor | undefined, limit: number): Promise<StockLevelBody[]> {
  const rows = await db
    .selectFrom('stock_levels as s')
    .innerJoin('locations as l', 'l.id', 's.location_id')
    .select((eb) => [
      's.sku', 's.location_id', 'l.code as location_code', 's.on_hand', 's.reserved', 's.updated_at',
      eb('s.on_hand', '-', eb.ref('s.reserved')).as('available'),
    ])
    .$if(sku !== undefined, (query) => query.where('s.sku', '=', sku!))
    .$if(location_id !== undefined, (query) => query.where('s.location_id', '=', location_id!))
    .$if(after !== undefined, (query) => query.where(sql<boolean>`(s.sku, s.location_id) > (${after?.sku}, ${after?.locationId})`))
    .orderBy('s.sku')
    .orderBy('s.location_id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, updated_at: row.updated_at.toISOString() }));
}

/** Opaque, since it joins two columns. */
export const levelCursor = ({ sku, location_id }: StockLevelBody): string => Buffer.from(JSON.stringify([sku, location_id])).toString('base64url');

/** Undefined for text that {@link levelCursor} did not make, such as what Postgres can't even compare with. */
export function readLevelCursor(text: string): LevelCursor | undefined {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(parts) || parts.length !== 2) return undefined;
    const [sku, locationId] = parts as unknown[];
    return isStorable(sku) && isStorable(locationId) ? { sku, locationId } : undefined;
  } catch {
    return undefined;
  }
}

function isStorable(part: unknown): part is string {
  return typeof part === 'string' && isStorableText(part);
}

/** Newest first; up to `limit` adjustments after the one named by `after`. */
export async function listAdjustments(
  db: Sql, { sku, location_id, order_id }: StockFilters & { order_id?: string }, after: string | undefined, limit: number,
): Promise<StockAdjustmentBody[]> {
  const rows = await db
    .selectFrom('stock_adjustments')
    .select(['id', 'location_id', 'sku', 'quantity', 'reason', 'order_id', 'actor', 'created_at'])
    .$if(sku !== undefined, (query) => query.where('sku', '=', sku!))
    .$if(location_id !== undefined, (query) => query.where('location_id', '=', location_id!))
    .$if(order_id !== undefined, (query) => query.where('order_id', '=', order_id!))
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, created_at: row.created_at.toISOString() }));
}
