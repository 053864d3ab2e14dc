import { inTenant } from '#entities/unit-of-work.ts';
import { jsonb } from '#entities/values.ts';
import type { OrderActivities } from './contract.ts';
import type { OrderActivityDeps } from './create.ts';
import { queueMail } from './parts.ts';

/** Apart from the steps: it is for an order whose next step is refused. Version and state stay what they are. */
export function showAttention({ database }: OrderActivityDeps): OrderActivities['showAttention'] {
  return ({ scope, orderId, attention }) =>
    inTenant(database, scope, async (sql) => {
      const shown = await sql.updateTable('orders').set({ attention: jsonb(attention) }).where('id', '=', orderId).returning('id').executeTakeFirst();
      // An order that could not even be opened has no row; its workflow is all there is to see.
      if (!shown) return;
      const { code, since: at } = attention;
      await queueMail(sql, scope, orderId, { template: 'admin_notification', data: { code }, dedupeKey: `${orderId}/${code}/${at}`, at })
        .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
        .execute();
    });
}
