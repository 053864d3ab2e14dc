import type { Sql } from '#entities/unit-of-work.ts';
import { Problem } from '../../problem.ts';
import type { WebhookEventBody } from './schemas.ts';

export interface WebhookEventFilters {
  status?: WebhookEventBody['status'];
  type?: string;
  order_id?: string;
  connection_id?: string;
}

const columns = [
  'id', 'connection_id', 'provider_event_id', 'type', 'object_id', 'status', 'order_id', 'workflow_id', 'attempts', 'next_attempt_at',
  'last_error', 'provider_created_at', 'received_at', 'applied_at',
] as const;

function eventQuery(db: Sql) {
  return db.selectFrom('webhook_events').select(columns);
}

type EventRow = Awaited<ReturnType<ReturnType<typeof eventQuery>['executeTakeFirstOrThrow']>>;

const toBody = (row: EventRow): WebhookEventBody => ({
  ...row,
  status: row.status as WebhookEventBody['status'],
  next_attempt_at: row.next_attempt_at?.toISOString() ?? null,
  provider_created_at: row.provider_created_at.toISOString(),
  received_at: row.received_at.toISOString(),
  applied_at: row.applied_at?.toISOString() ?? null,
});

/** Newest first; up to `limit` events after the one named by `after`. */
export async function listWebhookEvents(db: Sql, filters: WebhookEventFilters, after: string | undefined, limit: number): Promise<WebhookEventBody[]> {
  const { status, type, order_id, connection_id } = filters;
  const rows = await eventQuery(db)
    .$if(status !== undefined, (query) => query.where('status', '=', status!))
    .$if(type !== undefined, (query) => query.where('type', '=', type!))
    .$if(order_id !== undefined, (query) => query.where('order_id', '=', order_id!))
    .$if(connection_id !== undefined, (query) => query.where('connection_id', '=', connection_id!))
    .$if(after !== undefined, (query) => query.where('id', '<', after!))
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(toBody);
}

/** @throws {Problem} not_found */
export async function readWebhookEvent(db: Sql, id: string): Promise<WebhookEventBody> {
  const row = await eventQuery(db).where('id', '=', id).executeTakeFirst();
  if (!row) throw noEvent(id);
  return toBody(row);
}

/**
 * Puts an event back to where it was when it arrived: the sweeper takes it up at its next round. Safe for one that
 * was applied, since its owner compares it with what it knows.
 * @throws {Problem} not_found
 */
export async function redriveWebhookEvent(db: Sql, id: string, now: Date): Promise<WebhookEventBody> {
  const row = await db
    .updateTable('webhook_events')
    .set({ status: 'received', next_attempt_at: now, attempts: 0, last_error: null })
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirst();
  if (!row) throw noEvent(id);
  return toBody(row);
}

const noEvent = (id: string) => new Problem('not_found', { detail: `There is no webhook event ${id}.` });
