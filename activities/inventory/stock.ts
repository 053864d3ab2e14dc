import { allocateStock, type Allocation, type Short } from '#domain/inventory/allocate.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { timestamp } from '#entities/values.ts';
import { sql as raw } from 'kysely';
import { writeTogether, type Write } from '#entities/write-together.ts';

type Units = readonly { sku: string; quantity: number }[];

/**
 * Stock follows its order. Every function locks the rows of `stock_levels` in the order (sku, location), so that
 * two orders that share SKUs can't deadlock, and the table's own check refuses what would oversell.
 */

/** Raised when the rows contradict what the order's workflow knows: a bug, never a shortage. */
export class StockError extends Error {
  override name = 'StockError';
}

/** Holds units for an order, or tells what is short and changes nothing. */
export async function holdStock(sql: Sql, scope: TenantScope, orderId: string, units: Units, expiresAt: string | null, at: string): Promise<Short[]> {
  const free = await sql
    .selectFrom('stock_levels as s')
    .innerJoin('locations as l', 'l.id', 's.location_id')
    .where('s.sku', 'in', units.map(({ sku }) => sku))
    .where('l.status', '=', 'active')
    .select(['s.sku', 's.location_id as locationId', 'l.priority', raw<number>`s.on_hand - s.reserved`.as('available')])
    .orderBy('s.sku')
    .orderBy('s.location_id')
    .forUpdate('s')
    .execute();
  const plan = allocateStock(units, free);
  if (!plan.ok) return plan.shortages;
  const reservations = sql
    .insertInto('stock_reservations')
    .values(
      plan.allocations.map(({ sku, locationId, quantity }) => ({
        tenant_id: scope.tenantId, livemode: scope.livemode, order_id: orderId, sku, location_id: locationId, quantity,
        shipped: 0, status: 'held', expires_at: timestamp(expiresAt),
      })),
    )
    .onConflict((conflict) =>
      conflict.columns(['order_id', 'sku', 'location_id']).doUpdateSet({ quantity: raw`excluded.quantity`, shipped: 0, status: 'held', expires_at: raw`excluded.expires_at` }),
    );
  await moveLevels(sql, plan.allocations, { reserved: 1, onHand: 0 }, at, [reservations]);
  return [];
}

/** Gives back what an order still holds. */
export async function releaseStock(sql: Sql, orderId: string, at: string): Promise<void> {
  const held = await heldBy(sql, orderId);
  if (held.length === 0) return;
  const released = sql.updateTable('stock_reservations').set({ status: 'released' }).where('order_id', '=', orderId).where('status', '=', 'held');
  await moveLevels(sql, held, { reserved: -1, onHand: 0 }, at, [released]);
}

/** Units left the building: neither on hand nor reserved any more. */
export async function shipStock(sql: Sql, orderId: string, units: Units, at: string): Promise<void> {
  const held = await heldBy(sql, orderId);
  const gone: Allocation[] = [];
  for (const { sku, quantity } of units) {
    let open = quantity;
    for (const reservation of held.filter((candidate) => candidate.sku === sku)) {
      const take = Math.min(open, reservation.quantity);
      if (take > 0) gone.push({ ...reservation, quantity: take });
      open -= take;
    }
    if (open > 0) throw new StockError(`Order ${orderId} ships ${open} of a SKU that it does not hold`);
  }
  const shipped = raw`update stock_reservations r set shipped = r.shipped + g.quantity,
      status = case when r.shipped + g.quantity = r.quantity then 'shipped' else r.status end
    from ${unnested(gone)} where r.order_id = ${orderId} and r.sku = g.sku and r.location_id = g.location_id`;
  await moveLevels(sql, gone, { reserved: -1, onHand: -1 }, at, [shipped]);
}

/** Units came back to where they were shipped from; the adjustment says why. */
export async function restock(sql: Sql, scope: TenantScope, orderId: string, units: Units, event: { id: string; actor: string; at: string }): Promise<void> {
  const shipped = await sql
    .selectFrom('stock_reservations as r')
    .innerJoin('stock_levels as s', (join) =>
      join.onRef('s.tenant_id', '=', 'r.tenant_id').onRef('s.livemode', '=', 'r.livemode').onRef('s.sku', '=', 'r.sku').onRef('s.location_id', '=', 'r.location_id'),
    )
    .where('r.order_id', '=', orderId)
    .where('r.shipped', '>', 0)
    .where('r.sku', 'in', units.map(({ sku }) => sku))
    .select(['r.sku', 'r.location_id as locationId'])
    .orderBy('s.sku')
    .orderBy('s.location_id')
    .forUpdate('s')
    .execute();
  const back = units.flatMap(({ sku, quantity }) => {
    const origin = shipped.find((reservation) => reservation.sku === sku);
    return origin ? [{ sku, locationId: origin.locationId, quantity }] : [];
  });
  if (back.length === 0) return;
  const adjustments = sql.insertInto('stock_adjustments').values(
    back.map(({ sku, locationId, quantity }, index) => ({
      id: `${event.id}_${index}`, tenant_id: scope.tenantId, livemode: scope.livemode, location_id: locationId, sku, quantity,
      reason: 'returned', order_id: orderId, actor: event.actor, created_at: timestamp(event.at),
    })),
  );
  await moveLevels(sql, back, { reserved: 0, onHand: 1 }, event.at, [adjustments]);
}

/** What an order still holds, with the stock rows locked in order. */
async function heldBy(sql: Sql, orderId: string): Promise<Allocation[]> {
  return sql
    .selectFrom('stock_reservations as r')
    .innerJoin('stock_levels as s', (join) =>
      join.onRef('s.tenant_id', '=', 'r.tenant_id').onRef('s.livemode', '=', 'r.livemode').onRef('s.sku', '=', 'r.sku').onRef('s.location_id', '=', 'r.location_id'),
    )
    .where('r.order_id', '=', orderId)
    .where('r.status', '=', 'held')
    .select(['r.sku', 'r.location_id as locationId', raw<number>`r.quantity - r.shipped`.as('quantity')])
    .orderBy('s.sku')
    .orderBy('s.location_id')
    .forUpdate('s')
    .execute();
}

/** Moves units, and writes beside it what says so. */
async function moveLevels(sql: Sql, moves: readonly Allocation[], sign: { reserved: -1 | 0 | 1; onHand: -1 | 0 | 1 }, at: string, beside: readonly Write[]): Promise<void> {
  const moved = raw`update stock_levels s set reserved = s.reserved + ${sign.reserved}::bigint * g.quantity,
      on_hand = s.on_hand + ${sign.onHand}::bigint * g.quantity, updated_at = ${at}
    from ${unnested(moves)} where s.sku = g.sku and s.location_id = g.location_id returning 1`;
  if ((await writeTogether(sql, moved, beside)) !== moves.length) throw new StockError('A stock row that was locked is gone');
}

function unnested(moves: readonly Allocation[]) {
  return raw`unnest(${moves.map(({ sku }) => sku)}::text[], ${moves.map(({ locationId }) => locationId)}::text[],
    ${moves.map(({ quantity }) => quantity)}::bigint[]) as g(sku, location_id, quantity)`;
}
