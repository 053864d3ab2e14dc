import { sql as raw } from 'kysely';
import { inTenant, withoutTenant } from '#entities/unit-of-work.ts';
import { batch, mostBatches, patienceSeconds, type MaintenanceDeps, type Redelivered } from './contract.ts';
import { forEachItem, type Tally } from './each.ts';

interface UndeliveredRow {
  tenant_id: string;
  livemode: boolean;
  operation: string;
  idempotency_key: string;
  resource_id: string;
  workflow_id: string;
  input_sealed: string;
  created_at: string;
}

/**
 * Delivers what the API took in and did not get through, under the same update id: what had arrived after all is not
 * done twice. The row is then marked, so that it is not swept again. What can't be delivered yet is passed over, so that
 * it holds up nothing behind it; a batch that nobody answered ends the sweep.
 */
export async function redeliverCommands(deps: MaintenanceDeps): Promise<Tally> {
  const total = { done: 0, failed: 0 };
  let passed = '-infinity';
  for (let round = 0; round < mostBatches; round += 1) {
    const { rows } = await raw<UndeliveredRow>`
      select tenant_id, livemode, operation, idempotency_key, resource_id, workflow_id, input_sealed, created_at::text
      from undelivered_commands(now() - make_interval(secs => ${patienceSeconds}), ${passed}::timestamptz, ${batch})`.execute(withoutTenant(deps.database));
    let answers = 0;
    const tally = await forEachItem(rows, async (row) => {
      const result = await redeliverOne(deps, row);
      if (result !== 'no_answer') answers += 1;
      return result === 'arrived';
    });
    total.done += tally.done;
    total.failed += tally.failed;
    if (rows.length < batch || answers === 0) break;
    passed = rows.at(-1)!.created_at;
  }
  return total;
}

async function redeliverOne({ database, logger, redeliver }: MaintenanceDeps, row: UndeliveredRow): Promise<Redelivered> {
  const scope = { tenantId: row.tenant_id, livemode: row.livemode };
  const { operation, idempotency_key: idempotencyKey, resource_id: resourceId, workflow_id: workflowId, input_sealed: inputSealed } = row;
  try {
    const result = await redeliver({ scope, operation, idempotencyKey, resourceId, workflowId, inputSealed });
    if (result !== 'arrived') return result;
    await inTenant(database, scope, (sql) =>
      sql
        .updateTable('intake_commands')
        .set({ delivered_at: raw`clock_timestamp()` })
        .where('operation', '=', operation)
        .where('idempotency_key', '=', idempotencyKey)
        .execute(),
    );
    return 'arrived';
  } catch (error) {
    logger.warn({ err: error, operation, resourceId }, 'a command could not be delivered; the next sweep tries again');
    return 'busy';
  }
}
