import { sql as raw } from 'kysely';
import type { DisputeState } from '#domain/order/disputes.ts';
import type { PaymentAttemptStatus } from '#domain/order/status.ts';
import type { Recorded } from '#domain/webhooks/decide.ts';
import type { Claim } from '#domain/webhooks/stripe-claim.ts';
import type { Sql } from '../unit-of-work.ts';

/** Of events that are still to be decided about or applied; migrations name the same in the index `webhook_events_open`. */
export const openStatuses = ['received', 'signalled', 'unmatched'] as const;

export interface StoredEvent {
  connectionId: string;
  payloadSealed: string;
  status: string;
  attempts: number;
  receivedAt: Date;
}

/** An event that still has to be decided about. Its row is locked, so that two who take it up do so in turn. */
export async function loadEvent(sql: Sql, id: string): Promise<StoredEvent | undefined> {
  const row = await sql
    .selectFrom('webhook_events')
    .where('id', '=', id)
    .where('status', 'in', openStatuses)
    .select(['connection_id', 'payload_sealed', 'status', 'attempts', 'received_at'])
    .forUpdate()
    .executeTakeFirst();
  return row && { connectionId: row.connection_id, payloadSealed: row.payload_sealed, status: row.status, attempts: row.attempts, receivedAt: row.received_at };
}

export interface EventOutcome {
  status: string;
  order_id?: string;
  workflow_id?: string;
  next_attempt_at?: Date | null;
  last_error?: string | null;
}

/** Writes what was decided, unless the owner has applied the event meanwhile. */
export async function settleEvent(sql: Sql, id: string, outcome: EventOutcome): Promise<void> {
  await sql
    .updateTable('webhook_events')
    .set({ next_attempt_at: null, last_error: null, ...outcome, attempts: raw`attempts + 1` })
    .where('id', '=', id)
    .where('status', 'in', openStatuses)
    .execute();
}

/**
 * Counts a look of which the owner is about to be told: before that, so that nothing is left to overwrite what the owner
 * makes of the event. Why nobody could apply it after the last telling stays: the looks that found so are counted.
 */
export async function countTelling(sql: Sql, id: string, about: { order_id: string; workflow_id: string }): Promise<void> {
  await sql
    .updateTable('webhook_events')
    .set({ ...about, attempts: raw`attempts + 1`, last_error: raw`case when status = 'signalled' then last_error end` })
    .where('id', '=', id)
    .execute();
}

/** The owner was told. What it has settled or given up meanwhile stays so, and so does its reason. */
export async function markTold(sql: Sql, id: string, workflow_id: string, next_attempt_at: Date): Promise<void> {
  await sql
    .updateTable('webhook_events')
    .set({ status: 'signalled', workflow_id, next_attempt_at })
    .where('id', '=', id)
    .where('status', 'in', openStatuses)
    .execute();
}

export interface Found extends Recorded {
  paymentId: string;
  orderId: string;
  workflowId: string;
}

/**
 * What we have recorded about the payment that an event names: by the provider's id, which never changes hands, else by
 * ours in the metadata (its answer is still on its way, or was lost). The connection must be the same in both cases.
 */
export async function findRecorded(sql: Sql, connectionId: string, claim: Claim): Promise<Found | undefined> {
  const query = (column: 'payment.provider_ref' | 'payment.id', value: string) =>
    sql
      .selectFrom('order_payments as payment')
      .innerJoin('orders', 'orders.id', 'payment.order_id')
      .leftJoin('order_refunds as refund', (join) =>
        join.onRef('refund.payment_id', '=', 'payment.id').on('refund.provider_ref', '=', claim.refundRef ?? ''),
      )
      .where('payment.connection_id', '=', connectionId)
      .where(column, '=', value)
      .select([
        'payment.id', 'payment.status', 'payment.provider_ref', 'payment.captured_amount',
        'orders.id as order_id', 'orders.workflow_id', 'refund.status as refund_status', raw<DisputeState[] | null>`orders.state -> 'disputes'`.as('disputes'),
      ])
      .executeTakeFirst();
  const row =
    (claim.paymentRef ? await query('payment.provider_ref', claim.paymentRef) : undefined) ??
    (claim.paymentId ? await query('payment.id', claim.paymentId) : undefined);
  return row && {
    paymentId: row.id,
    orderId: row.order_id,
    workflowId: row.workflow_id,
    status: row.status as PaymentAttemptStatus,
    providerRef: row.provider_ref,
    capturedAmount: row.captured_amount,
    disputes: row.disputes ?? [],
    ...(row.refund_status ? { refundStatus: row.refund_status } : {}),
  };
}

/** An event that could not be dealt with: looked at again later, so that it does not hold up the others. */
export async function postponeEvent(sql: Sql, id: string, reason: string, next: Date): Promise<void> {
  await sql
    .updateTable('webhook_events')
    .set({ attempts: raw`attempts + 1`, last_error: reason.slice(0, 500), next_attempt_at: next })
    .where('id', '=', id)
    .where('status', 'in', openStatuses)
    .execute();
}
