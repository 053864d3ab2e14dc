import { nextDeadline } from '#domain/order/deadlines.ts';
import { capturedTotal, isClosed, refundedTotal, type OrderState } from '#domain/order/state.ts';
import { jsonb, timestamp } from '#entities/values.ts';

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
    ...(isClosed(state) ? { closed_at: timestamp(at) } : {}),
    updated_at: timestamp(at),
  };
}
