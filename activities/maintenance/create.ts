import type { Database } from '#entities/database.ts';
import { inTenant, withoutTenant } from '#entities/unit-of-work.ts';
import type { TenantRef } from '#domain/tenant.ts';
import type { Logger } from '#platform/logger.ts';
import { sql } from 'kysely';

/** A command that was taken in and may never have reached its workflow. */
export interface TakenIn {
  scope: TenantRef;
  operation: string;
  idempotencyKey: string;
  resourceId: string;
  workflowId: string;
  inputSealed: string;
}

export interface MaintenanceDeps {
  database: Database;
  logger: Logger;
  /** Delivers once more, under the command's own update id. True when it is known to have arrived. */
  redeliver(command: TakenIn): Promise<boolean>;
  /** Decides about a stored provider event once more. */
  handleWebhookEvent(event: { id: string; scope: TenantRef }): Promise<void>;
}

/** What one sweep found; numbers only. */
export interface SweepReport {
  commands: number;
  webhookEvents: number;
  failed: number;
}

export interface MaintenanceActivities {
  sweep(): Promise<SweepReport>;
}

/** A command in flight is left to the API for this long. */
const patienceSeconds = 30;
const batch = 100;

/**
 * Takes up what a crash has left between two steps: commands that are taken in but not delivered, provider events
 * that are stored but not applied. One item that fails does not hold up the others; it stays for the next sweep.
 */
export function createMaintenanceActivities({ database, logger, redeliver, handleWebhookEvent }: MaintenanceDeps): MaintenanceActivities {
  return {
    async sweep() {
      const db = withoutTenant(database);
      const commands = await sql<UndeliveredRow>`select * from undelivered_commands(now() - make_interval(secs => ${patienceSeconds}), ${batch})`.execute(db);
      const events = await sql<EventRow>`select * from open_webhook_events(now(), ${batch})`.execute(db);
      const report = { commands: 0, webhookEvents: 0, failed: 0 };
      const attempt = async (count: 'commands' | 'webhookEvents', id: string, work: () => Promise<unknown>) => {
        try {
          await work();
          report[count] += 1;
        } catch (error) {
          report.failed += 1;
          logger.warn({ err: error, id }, 'left for the next sweep');
        }
      };
      for (const row of commands.rows) await attempt('commands', row.resource_id, () => deliverAgain(row));
      for (const { id, tenant_id, livemode } of events.rows) {
        await attempt('webhookEvents', id, () => handleWebhookEvent({ id, scope: { tenantId: tenant_id, livemode } }));
      }
      return report;
    },
  };

  async function deliverAgain(row: UndeliveredRow): Promise<void> {
    const scope = { tenantId: row.tenant_id, livemode: row.livemode };
    const { operation, idempotency_key: idempotencyKey, resource_id: resourceId, workflow_id: workflowId, input_sealed: inputSealed } = row;
    if (!(await redeliver({ scope, operation, idempotencyKey, resourceId, workflowId, inputSealed }))) return;
    await inTenant(database, scope, (tx) =>
      tx
        .updateTable('intake_commands')
        .set({ delivered_at: sql`now()` })
        .where('operation', '=', operation)
        .where('idempotency_key', '=', idempotencyKey)
        .execute(),
    );
  }
}

interface UndeliveredRow {
  tenant_id: string;
  livemode: boolean;
  operation: string;
  idempotency_key: string;
  resource_id: string;
  workflow_id: string;
  input_sealed: string;
}

interface EventRow {
  id: string;
  tenant_id: string;
  livemode: boolean;
}
