import { newId } from '#domain/ids.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import { Problem } from '../../problem.ts';
import type { AdjustedStockBody, AdjustmentInputBody } from './schemas.ts';

/**
 * Adds a signed quantity to what is on hand, and records it. One conditional statement decides, so that stock
 * never falls below what orders have reserved, whoever else is at work.
 * @throws {Problem} validation_failed for a location or SKU that there is not; stock_below_reserved
 */
export async function adjustStock(db: Sql, scope: TenantScope, actor: string, input: AdjustmentInputBody, now: Date): Promise<AdjustedStockBody> {
  await checkReferences(db, input);
  const { location_id, sku, quantity, reason } = input;
  const level = quantity > 0 ? await receive(db, scope, input, now) : await take(db, input, now);
  if (!level) throw await belowReserved(db, input);
  const adjustment = { id: newId('stockAdjustment'), location_id, sku, quantity, reason, actor };
  await db
    .insertInto('stock_adjustments')
    .values({ ...adjustment, tenant_id: scope.tenantId, livemode: scope.livemode, created_at: now })
    .execute();
  const { on_hand, reserved } = level;
  return { ...adjustment, order_id: null, created_at: now.toISOString(), level: { on_hand, reserved, available: on_hand - reserved } };
}

/** Under row-level security: a foreign key alone would let another tenant's location through. */
async function checkReferences(db: Sql, { location_id, sku }: AdjustmentInputBody): Promise<void> {
  const found = await db
    .selectNoFrom((eb) => [
      eb.exists(eb.selectFrom('locations').select('id').where('id', '=', location_id)).as('location'),
      eb.exists(eb.selectFrom('variants').select('id').where('sku', '=', sku)).as('variant'),
    ])
    .executeTakeFirstOrThrow();
  const errors = [
    ...(found.location ? [] : [{ pointer: '/location_id', detail: 'names no location' }]),
    ...(found.variant ? [] : [{ pointer: '/sku', detail: 'names no variant of the catalogue' }]),
  ];
  if (errors.length > 0) throw new Problem('validation_failed', { errors });
}

async function receive(db: Sql, scope: TenantScope, { location_id, sku, quantity }: AdjustmentInputBody, now: Date) {
  return db
    .insertInto('stock_levels')
    .values({ tenant_id: scope.tenantId, livemode: scope.livemode, sku, location_id, on_hand: quantity, updated_at: now })
    .onConflict((conflict) =>
      conflict.columns(['tenant_id', 'livemode', 'sku', 'location_id']).doUpdateSet((eb) => ({
        on_hand: eb('stock_levels.on_hand', '+', quantity),
        updated_at: now,
      })),
    )
    .returning(['on_hand', 'reserved'])
    .executeTakeFirst();
}

async function take(db: Sql, { location_id, sku, quantity }: AdjustmentInputBody, now: Date) {
  return db
    .updateTable('stock_levels')
    .set((eb) => ({ on_hand: eb('on_hand', '+', quantity), updated_at: now }))
    .where('sku', '=', sku)
    .where('location_id', '=', location_id)
    .where((eb) => eb(eb('on_hand', '+', quantity), '>=', eb.ref('reserved')))
    .returning(['on_hand', 'reserved'])
    .executeTakeFirst();
}

async function belowReserved(db: Sql, { location_id, sku, quantity }: AdjustmentInputBody): Promise<Problem> {
  const level = await db
    .selectFrom('stock_levels')
    .select(['on_hand', 'reserved'])
    .where('sku', '=', sku)
    .where('location_id', '=', location_id)
    .executeTakeFirst();
  const { on_hand, reserved } = level ?? { on_hand: 0, reserved: 0 };
  return new Problem('stock_below_reserved', {
    detail: `${sku} has ${on_hand} on hand there, of which orders have reserved ${reserved}: ${-quantity} can't be taken.`,
    sku, on_hand, reserved, available: on_hand - reserved,
  });
}
