import { sql as raw } from 'kysely';
import { unitsOf, type PlacementInput } from '#domain/order/placement.ts';
import type { Sql } from '#entities/unit-of-work.ts';
import type { PaymentOutcome } from '#workflows/order/messages.ts';

/** A SKU of which there is less than asked for. */
export type Shortage = Extract<PaymentOutcome, { outcome: 'out_of_stock' }>['shortages'][number];

/** What of a placement can't be had now; all of its SKUs when by now everything could. */
export async function shortagesNow(db: Sql, input: Pick<PlacementInput, 'lines'>): Promise<Shortage[]> {
  const wanted = unitsOf(input);
  const { rows } = await raw<{ sku: string; available: number }>`
    select s.sku, coalesce(sum(s.on_hand - s.reserved), 0)::bigint as available
    from stock_levels s join locations l on l.id = s.location_id and l.status = 'active'
    where s.sku = any(${wanted.map(({ sku }) => sku)}::text[]) group by s.sku`.execute(db);
  const available = new Map(rows.map((row) => [row.sku, row.available]));
  const all = wanted.map(({ sku, quantity }) => ({ sku, requested: quantity, available: available.get(sku) ?? 0 }));
  const short = all.filter((unit) => unit.available < unit.requested);
  return short.length > 0 ? short : all;
}
