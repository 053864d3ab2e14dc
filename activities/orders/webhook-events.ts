import { sql as raw } from 'kysely';
import { ownerlessLooks } from '#domain/webhooks/retry.ts';
import { inTenant, type Sql } from '#entities/unit-of-work.ts';
import { timestamp } from '#entities/values.ts';
import { openStatuses } from '#entities/webhook-inbox/rows.ts';
import type { OrderActivities } from './contract.ts';
import type { OrderActivityDeps } from './create.ts';

/** A stored provider event has done its work. */
export function settledEvent(sql: Sql, webhookEventId: string, at: string) {
  return sql
    .updateTable('webhook_events')
    .set({ status: 'applied', applied_at: timestamp(at), next_attempt_at: null, last_error: null })
    .where('id', '=', webhookEventId);
}

export function settleWebhookEvent({ database }: OrderActivityDeps): OrderActivities['settleWebhookEvent'] {
  return ({ scope, webhookEventId, at }) => inTenant(database, scope, async (sql) => void (await settledEvent(sql, webhookEventId, at).execute()));
}

/**
 * `attempts` counts the looks: who tells the owner adds to it. The first that finds the owner gone counts anew from one,
 * so that the looks before it do not use up those an operator has to bring the owner back.
 */
export function leaveWebhookEvent({ database }: OrderActivityDeps): OrderActivities['leaveWebhookEvent'] {
  return ({ scope, webhookEventId, reason }) =>
    inTenant(database, scope, async (sql) => {
      const looks = raw<number>`case when last_error = ${reason} then attempts else 1 end`;
      const givenUp = raw<boolean>`${looks} >= ${ownerlessLooks}`;
      await sql
        .updateTable('webhook_events')
        .set({
          last_error: reason,
          attempts: looks,
          status: raw`case when ${givenUp} then 'failed' else status end`,
          next_attempt_at: raw`case when ${givenUp} then null else next_attempt_at end`,
        })
        .where('id', '=', webhookEventId)
        .where('status', 'in', openStatuses)
        .execute();
    });
}
