import { sql as raw } from 'kysely';
import { Type, type Static } from 'typebox';
import type { Sql } from '#entities/unit-of-work.ts';
import { rowsToRead, type PageQuery } from '../../pagination.ts';
import { exampleId, nullable, Timestamp } from '../../schemas/common.ts';
import { noOrder } from './read-order.ts';
import { at } from './rows.ts';

export const TimelineEntry = Type.Object(
  {
    id: Type.String(),
    kind: Type.Enum(['order', 'mail', 'webhook'], { description: 'A step of the order, a mail about it, or an event of the provider.' }),
    type: Type.String({ description: 'What happened.', examples: ['order.confirmed'] }),
    occurred_at: Timestamp(),
    actor: nullable(Type.String({ description: 'Who did it: a key, system, or the provider.' })),
    reason: nullable(Type.String()),
    status: nullable(Type.String({ description: 'After it: the order\'s status; for mails and events their own.' })),
    payment_status: nullable(Type.String()),
    fulfillment_status: nullable(Type.String()),
    data: Type.Unsafe<Record<string, unknown>>({ type: 'object', additionalProperties: true } as never),
  },
  {
    $id: 'TimelineEntry',
    examples: [{
      id: exampleId('event'), kind: 'order', type: 'order.confirmed', occurred_at: '2026-11-21T09:30:00.000Z', actor: 'system', reason: null,
      status: 'confirmed', payment_status: 'authorized', fulfillment_status: 'unfulfilled', data: {},
    }],
  },
);
export type TimelineEntryBody = Static<typeof TimelineEntry>;

/** `<instant>~<id>`: entries of three tables are ordered by time, then id. */
export const timelineCursor = /^\d{4}-\d\d-\d\dT[\d:.]+Z~[A-Za-z0-9_]+$/;

/**
 * The three histories of an order as one, oldest first; one more than the page holds. An order's full state, kept
 * with its first event for the workflow's sake, is left out.
 * @throws {Problem} not_found
 */
export async function readTimeline(db: Sql, orderId: string, query: PageQuery): Promise<TimelineEntryBody[]> {
  const [since, id] = query.starting_after?.split('~') ?? [];
  const { rows } = await raw<Omit<TimelineEntryBody, 'occurred_at'> & { occurred_at: Date }>`
    select * from (
      select id, 'order' as kind, type, date_trunc('milliseconds', occurred_at) as occurred_at, actor, reason, status, payment_status,
        fulfillment_status, data - 'opened' as data
      from order_events where order_id = ${orderId}
      union all
      select 'mail_' || id, 'mail', 'mail.' || template, date_trunc('milliseconds', coalesce(sent_at, created_at)), null, null, status, null, null,
        jsonb_strip_nulls(jsonb_build_object('message_id', message_id, 'attempts', attempts, 'possible_duplicate', possible_duplicate))
      from outbox where subject_id = ${orderId}
      union all
      select id, 'webhook', type, date_trunc('milliseconds', received_at), 'provider', null, status, null, null,
        jsonb_strip_nulls(jsonb_build_object('provider_event_id', provider_event_id, 'applied_at', applied_at))
      from webhook_events where order_id = ${orderId}
    ) entries
    ${since === undefined ? raw`` : raw`where (occurred_at, id) > (${since}::timestamptz, ${id})`}
    order by occurred_at, id limit ${rowsToRead(query)}`.execute(db);
  if (rows.length === 0 && !(await db.selectFrom('orders').select('id').where('id', '=', orderId).executeTakeFirst())) throw noOrder(orderId);
  return rows.map((row) => ({ ...row, occurred_at: at(row.occurred_at) }));
}
