import { inTenant } from '#entities/unit-of-work.ts';
import { jsonb, timestamp } from '#entities/values.ts';
import type { OrderActivities } from './contract.ts';
import type { OrderActivityDeps } from './create.ts';

/** Apart from the steps: it is for an order whose next step is refused. Version and state stay what they are. */
export function showAttention({ database }: OrderActivityDeps): OrderActivities['showAttention'] {
  return ({ scope, orderId, attention }) =>
    inTenant(database, scope, async (sql) => {
      const shown = await sql.updateTable('orders').set({ attention: jsonb(attention) }).where('id', '=', orderId).returning('id').executeTakeFirst();
      // An order that could not even be opened has no row; its workflow is all there is to see.
      if (!shown) return;
      await sql
        .insertInto('outbox')
        .values({
          tenant_id: scope.tenantId, livemode: scope.livemode, kind: 'mail', template: 'admin_notification', subject_id: orderId,
          data: jsonb({ code: attention.code }), dedupe_key: `${orderId}/${attention.code}/${attention.since}`, status: 'pending',
          next_attempt_at: timestamp(attention.since), created_at: timestamp(attention.since),
        })
        .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
        .execute();
    });
}
