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
