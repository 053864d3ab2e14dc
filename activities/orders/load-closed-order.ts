import { isClosed, type OrderState } from '#domain/order/state.ts';
import { inTenant } from '#entities/unit-of-work.ts';
import { ApplicationFailure } from '@temporalio/activity';
import type { OrderActivities } from './contract.ts';
import type { OrderActivityDeps } from './create.ts';

/** What later refunds and disputes go on from; an order that still runs is written by its own workflow only. */
export function loadClosedOrder({ database }: OrderActivityDeps): OrderActivities['loadClosedOrder'] {
  return async ({ scope, orderId }) => {
    const order = await inTenant(database, scope, (sql) =>
      sql.selectFrom('orders').where('id', '=', orderId).select('state').executeTakeFirst(),
    );
    const state = order?.state as unknown as OrderState | undefined;
    if (!state || !isClosed(state)) throw ApplicationFailure.nonRetryable(`Order ${orderId} is not closed`, 'OrderNotClosed');
    return state;
  };
}
