import { Context } from '@temporalio/activity';
import { sql as raw } from 'kysely';
import { withoutTenant } from '#entities/unit-of-work.ts';
import { patienceSeconds, type MaintenanceActivities, type MaintenanceDeps } from './contract.ts';
import { redeliverCommands } from './redeliver-commands.ts';
import { redriveWebhookEvents } from './redrive-webhook-events.ts';

export type { MaintenanceActivities, Redelivered, SweepReport, TakenIn } from './contract.ts';

/**
 * Takes up what a crash has left between two steps: commands that are taken in but not delivered, provider events
 * that are stored but not applied. One item that fails does not hold up the others; it stays for a later sweep.
 */
export function createMaintenanceActivities(deps: MaintenanceDeps): MaintenanceActivities {
  return {
    async isAnythingLeft() {
      const { rows } = await raw<{ left: boolean }>`
        select exists (select from undelivered_commands(now() - make_interval(secs => ${patienceSeconds}), '-infinity', 1))
          or exists (select from open_webhook_events(now(), 1)) as left`.execute(withoutTenant(deps.database));
      return rows[0]!.left;
    },
    async sweep() {
      const context = Context.current();
      // A sweep may take minutes, after an outage; one whose worker was killed must be taken up by another at once.
      const beat = setInterval(() => context.heartbeat(), 5_000);
      try {
        const commands = await redeliverCommands(deps);
        const events = await redriveWebhookEvents(deps);
        const report = { commands: commands.done, webhookEvents: events.done, failed: commands.failed + events.failed };
        deps.logger.info(report, 'swept');
        return report;
      } finally {
        clearInterval(beat);
      }
    },
  };
}
