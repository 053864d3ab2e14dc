import { nextDeadline } from '#domain/order/deadlines.ts';
import { capturedTotal, isClosed, refundedTotal, type OrderState } from '#domain/order/state.ts';
import { jsonb, timestamp } from '#entities/values.ts';
import { sql as raw } from 'kysely';

/** The order's own row, as its state has it. */
export function orderSummary(state: OrderState, at: string) {
  return {
    version: state.seq,
    status: state.status,
    payment_status: state.paymentStatus,
    fulfillment_status: state.fulfillmentStatus,
    attention: state.attention ? jsonb(state.attention) : null,
    reason: state.reason ?? null,
    authorized_amount: state.payments.reduce((sum, payment) => sum + (payment.status === 'voided' ? 0 : payment.authorized), 0),
    captured_amount: capturedTotal(state),
    refunded_amount: refundedTotal(state),
    next_deadline_at: timestamp(nextDeadline(state)?.at),
    state: jsonb(state),
    // What is written after the end (a late refund) does not move it.
    ...(isClosed(state) ? { closed_at: raw<Date>`coalesce(orders.closed_at, ${at}::timestamptz)` } : {}),
    updated_at: timestamp(at),
  };
}
