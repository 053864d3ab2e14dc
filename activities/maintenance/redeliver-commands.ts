import { sql as raw } from 'kysely';
import { inTenant, withoutTenant } from '#entities/unit-of-work.ts';
import { batch, patienceSeconds, type MaintenanceDeps } from './contract.ts';
import { forEachItem, type Tally } from './each.ts';

interface UndeliveredRow {
  tenant_id: string;
  livemode: boolean;
  operation: string;
  idempotency_key: string;
  resource_id: string;
  workflow_id: string;
  input_sealed: string;
}

/**
 * Delivers what the API took in and did not get through, under the same update id: what had arrived after all is not
 * done twice. The row is then marked, so that it is not swept again.
 */
export async function redeliverCommands({ database, logger, redeliver }: MaintenanceDeps): Promise<Tally> {
  const { rows } = await raw<UndeliveredRow>`
    select tenant_id, livemode, operation, idempotency_key, resource_id, workflow_id, input_sealed
    from undelivered_commands(now() - make_interval(secs => ${patienceSeconds}), ${batch})`.execute(withoutTenant(database));
  return forEachItem(rows, async (row) => {
    const scope = { tenantId: row.tenant_id, livemode: row.livemode };
    const { operation, idempotency_key: idempotencyKey, resource_id: resourceId, workflow_id: workflowId, input_sealed: inputSealed } = row;
    try {
      if (!(await redeliver({ scope, operation, idempotencyKey, resourceId, workflowId, inputSealed }))) return false;
      await inTenant(database, scope, (sql) =>
        sql
          .updateTable('intake_commands')
          .set({ delivered_at: raw`clock_timestamp()` })
          .where('operation', '=', operation)
          .where('idempotency_key', '=', idempotencyKey)
          .execute(),
      );
      return true;
    } catch (error) {
      logger.warn({ err: error, operation, resourceId }, 'a command could not be delivered; the next sweep tries again');
      return false;
    }
  });
}
