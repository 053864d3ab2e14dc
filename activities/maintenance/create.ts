import { sql as raw } from 'kysely';
import type { TenantRef } from '#domain/tenant.ts';
import type { Database } from '#entities/database.ts';
import { withoutTenant } from '#entities/unit-of-work.ts';
import type { Logger } from '#platform/logger.ts';
import { redeliverCommands } from './redeliver-commands.ts';
import { redriveWebhookEvents } from './redrive-webhook-events.ts';

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

/** What one sweep did; numbers only. */
export interface SweepReport {
  commands: number;
  webhookEvents: number;
  failed: number;
}

export interface MaintenanceActivities {
  /** True when anything is left over. A local activity: most sweeps find nothing and cost next to nothing. */
  isAnythingLeft(): Promise<boolean>;
  sweep(): Promise<SweepReport>;
}

/** A command in flight is left to the API for this long. */
export const patienceSeconds = 30;
/** Taken up in one go. */
export const batch = 100;

/**
 * Takes up what a crash has left between two steps: commands that are taken in but not delivered, provider events
 * that are stored but not applied. One item that fails does not hold up the others; it stays for a later sweep.
 */
export function createMaintenanceActivities(deps: MaintenanceDeps): MaintenanceActivities {
  return {
    async isAnythingLeft() {
      const { rows } = await raw<{ left: boolean }>`
        select exists (select from undelivered_commands(now() - make_interval(secs => ${patienceSeconds}), 1))
          or exists (select from open_webhook_events(now(), 1)) as left`.execute(withoutTenant(deps.database));
      return rows[0]!.left;
    },
    async sweep() {
      const commands = await redeliverCommands(deps);
      const events = await redriveWebhookEvents(deps);
      const report = { commands: commands.done, webhookEvents: events.done, failed: commands.failed + events.failed };
      deps.logger.info(report, 'swept');
      return report;
    },
  };
}
