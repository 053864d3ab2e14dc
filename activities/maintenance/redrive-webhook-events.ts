import { sql as raw } from 'kysely';
import { nextLook } from '#domain/webhooks/retry.ts';
import { inTenant, withoutTenant } from '#entities/unit-of-work.ts';
import { postponeEvent } from '#entities/webhook-inbox/rows.ts';
import { batch, mostBatches, type MaintenanceDeps } from './contract.ts';
import { forEachItem, type Tally } from './each.ts';

interface EventRow {
  id: string;
  tenant_id: string;
  livemode: boolean;
}

/** Decides again about provider events that are due. One that fails is postponed: it must not hold up the others. */
export async function redriveWebhookEvents(deps: MaintenanceDeps): Promise<Tally> {
  const total = { done: 0, failed: 0 };
  for (let round = 0; round < mostBatches; round += 1) {
    const { rows } = await raw<EventRow>`select id, tenant_id, livemode from open_webhook_events(now(), ${batch})`.execute(withoutTenant(deps.database));
    const tally = await forEachItem(rows, (row) => redrive(deps, row));
    total.done += tally.done;
    total.failed += tally.failed;
    if (rows.length < batch || tally.done === 0) break;
  }
  return total;
}

async function redrive({ database, logger, handleWebhookEvent }: MaintenanceDeps, { id, tenant_id: tenantId, livemode }: EventRow): Promise<boolean> {
  const scope = { tenantId, livemode };
  try {
    await handleWebhookEvent({ id, scope });
    return true;
  } catch (error) {
    const now = new Date();
    logger.warn({ err: error, webhookEventId: id }, 'an event could not be dealt with; it is tried again later');
    await inTenant(database, scope, (sql) => postponeEvent(sql, id, (error as Error).name, nextLook(1, now, now)!));
    return false;
  }
}
