import { inTenant } from '#entities/unit-of-work.ts';
import { writeTogether } from '#entities/write-together.ts';
import { ApplicationFailure } from '@temporalio/activity';
import type { OrderActivities } from './contract.ts';
import type { OrderActivityDeps } from './create.ts';
import { putPayments, putRefunds, putShipments, updateLines } from './parts.ts';
import { tellingRefusals } from './refused.ts';
import { orderSummary } from './summary.ts';

/**
 * Writes the workflow's state over rows that a restore has set back: the version only goes forward.
 * History, ledger and mails of the lost steps are not invented again; reconciliation names what they lack.
 */
export function reprojectOrder({ database }: OrderActivityDeps): OrderActivities['reprojectOrder'] {
  return async ({ state, at }) =>
    tellingRefusals(`The state of order ${state.id}`, () =>
      inTenant(database, state.scope, async (sql) => {
        const order = sql.updateTable('orders').set(orderSummary(state, at)).where('id', '=', state.id).where('version', '<=', state.seq).returning('id');
        const written = await writeTogether(sql, order, [
          ...updateLines(state, state.lines.map(({ id }) => id)),
          ...putPayments(sql, state, state.payments.map(({ id }) => id), at),
          ...putShipments(sql, state, state.shipments.map(({ id }) => id)),
          ...putRefunds(sql, state, state.refunds.map(({ id }) => id), at),
        ]);
        // Thrown, so that its parts are not set back either.
        if (written !== 1) throw ApplicationFailure.nonRetryable(`The rows of order ${state.id} are ahead of its workflow, or gone`, 'VersionConflict');
      }),
    );
}
