import { sql as raw } from 'kysely';
import { ownerlessLooks } from '#domain/webhooks/retry.ts';
import { inTenant, type Sql } from '#entities/unit-of-work.ts';
import { timestamp } from '#entities/values.ts';
import type { OrderActivities } from './contract.ts';
import type { OrderActivityDeps } from './create.ts';

/** A stored provider event has done its work. */
export function settledEvent(sql: Sql, webhookEventId: string, at: string) {
  return sql
    .updateTable('webhook_events')
    .set({ status: 'applied', applied_at: timestamp(at), next_attempt_at: null })
    .where('id', '=', webhookEventId);
}

export function settleWebhookEvent({ database }: OrderActivityDeps): OrderActivities['settleWebhookEvent'] {
  return ({ scope, webhookEventId, at }) => inTenant(database, scope, async (sql) => void (await settledEvent(sql, webhookEventId, at).execute()));
}

/** `attempts` counts the looks: who tells the owner adds to it. */
export function leaveWebhookEvent({ database }: OrderActivityDeps): OrderActivities['leaveWebhookEvent'] {
  return ({ scope, webhookEventId, reason }) =>
    inTenant(database, scope, async (sql) => {
      const givenUp = raw<boolean>`attempts >= ${ownerlessLooks}`;
      await sql
        .updateTable('webhook_events')
        .set({
          last_error: reason,
          status: raw`case when ${givenUp} then 'failed' else status end`,
          next_attempt_at: raw`case when ${givenUp} then null else next_attempt_at end`,
        })
        .where('id', '=', webhookEventId)
        .where('status', 'in', ['received', 'signalled', 'unmatched'])
        .execute();
    });
}
