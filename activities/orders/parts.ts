import { jsonb, timestamp } from '#entities/values.ts';
import type { Sql, TenantScope } from '#entities/unit-of-work.ts';
import type { OrderState } from '#domain/order/state.ts';
import type { LineTotals } from '#domain/order/totals.ts';
import type { PlacementLine } from '#domain/order/placement.ts';
import { sql as raw } from 'kysely';
import type { Write } from '#entities/write-together.ts';

/** The rows below an order, written from its state: each function builds one statement for all rows that changed, if any. */

const owner = (scope: TenantScope) => ({ tenant_id: scope.tenantId, livemode: scope.livemode });

export function insertLines(sql: Sql, state: OrderState, lines: readonly PlacementLine[], totals: readonly LineTotals[]): Write[] {
  return [
    sql
      .insertInto('order_lines')
      .values(
        lines.map((line, position) => ({
          ...owner(state.scope), id: line.id, order_id: state.id, position, sku: line.sku, title: line.title, quantity: line.quantity,
          unit_price: line.unitPrice, ...totals[position]!,
        })),
      ),
  ];
}

export function updateLines(state: OrderState, ids: readonly string[]): Write[] {
  const lines = state.lines.filter(({ id }) => ids.includes(id));
  if (lines.length === 0) return [];
  return [raw`update order_lines l set shipped = g.shipped, delivered = g.delivered, returned = g.returned
    from unnest(${lines.map(({ id }) => id)}::text[], ${lines.map(({ shipped }) => shipped)}::bigint[],
      ${lines.map(({ delivered }) => delivered)}::bigint[], ${lines.map(({ returned }) => returned)}::bigint[]) as g(id, shipped, delivered, returned)
    where l.id = g.id`];
}

export function putPayments(sql: Sql, state: OrderState, ids: readonly string[], at: string): Write[] {
  const payments = state.payments.filter(({ id }) => ids.includes(id));
  if (payments.length === 0) return [];
  return [
    sql
      .insertInto('order_payments')
      .values(
        payments.map((payment) => ({
          ...owner(state.scope), id: payment.id, order_id: state.id, connection_id: payment.connectionId, provider: payment.provider,
          provider_ref: payment.providerRef ?? null, attempt: payment.attempt, status: payment.status, currency: state.currency, amount: payment.amount,
          authorized_amount: payment.authorized, captured_amount: payment.captured, refunded_amount: payment.refunded,
          capture_before: timestamp(payment.captureBefore), decline_code: payment.decline?.declineCode ?? null, failure_code: payment.decline?.code ?? null,
          next_action_sealed: payment.nextActionSealed ?? null, created_at: timestamp(payment.requestedAt), updated_at: timestamp(at),
        })),
      )
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet({
          provider_ref: raw`excluded.provider_ref`, status: raw`excluded.status`, authorized_amount: raw`excluded.authorized_amount`,
          captured_amount: raw`excluded.captured_amount`, refunded_amount: raw`excluded.refunded_amount`, capture_before: raw`excluded.capture_before`,
          decline_code: raw`excluded.decline_code`, failure_code: raw`excluded.failure_code`, next_action_sealed: raw`excluded.next_action_sealed`,
          updated_at: raw`excluded.updated_at`,
        }),
      ),
  ];
}

export function putShipments(sql: Sql, state: OrderState, ids: readonly string[]): Write[] {
  const shipments = state.shipments.filter(({ id }) => ids.includes(id));
  if (shipments.length === 0) return [];
  return [
    sql
      .insertInto('order_shipments')
      .values(
        shipments.map((shipment) => ({
          ...owner(state.scope), id: shipment.id, order_id: state.id, carrier: shipment.carrier, tracking_number: shipment.trackingNumber,
          status: shipment.status, lines: jsonb(shipment.lines), captured_amount: shipment.capturedAmount, shipped_at: timestamp(shipment.shippedAt),
          delivered_at: timestamp(shipment.deliveredAt),
        })),
      )
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ status: raw`excluded.status`, delivered_at: raw`excluded.delivered_at` })),
  ];
}

export function putRefunds(sql: Sql, state: OrderState, ids: readonly string[], at: string): Write[] {
  const refunds = state.refunds.filter(({ id }) => ids.includes(id));
  if (refunds.length === 0) return [];
  return [
    sql
      .insertInto('order_refunds')
      .values(
        refunds.map((refund) => ({
          ...owner(state.scope), id: refund.id, order_id: state.id, payment_id: refund.paymentId, provider_ref: refund.providerRef || null,
          status: refund.status, currency: state.currency, amount: refund.amount, reason: refund.reason,
          lines: refund.lines ? jsonb(refund.lines) : null, failure_code: refund.failureCode ?? null, actor: refund.actor,
          created_at: timestamp(refund.createdAt), updated_at: timestamp(at),
        })),
      )
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet({
          status: raw`excluded.status`, provider_ref: raw`excluded.provider_ref`, failure_code: raw`excluded.failure_code`, updated_at: raw`excluded.updated_at`,
          reason: raw`excluded.reason`, actor: raw`excluded.actor`, lines: raw`excluded.lines`,
        }),
      ),
  ];
}

/** A mail to be sent at once, about an order; `dedupeKey` keeps the same from being queued twice. */
export function queueMail(sql: Sql, scope: TenantScope, orderId: string, mail: { template: string; data: object; dedupeKey: string; at: string }) {
  return sql.insertInto('outbox').values({
    ...owner(scope), kind: 'mail', template: mail.template, subject_id: orderId, data: jsonb(mail.data), dedupe_key: mail.dedupeKey, status: 'pending',
    next_attempt_at: timestamp(mail.at), created_at: timestamp(mail.at),
  });
}
