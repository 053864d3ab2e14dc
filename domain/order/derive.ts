import { capturedTotal, livePayment, refundedTotal, type OrderState } from './state.ts';
import type { FulfillmentStatus, PaymentStatus } from './status.ts';

/** The order's `payment_status`, derived from its payments: never set by hand. */
export function derivePaymentStatus(state: Pick<OrderState, 'payments' | 'disputed' | 'totals'>): PaymentStatus {
  if (state.disputed) return 'disputed';
  if (state.totals.total === 0) return 'paid';
  const order = state as OrderState;
  const captured = capturedTotal(order);
  const refunded = refundedTotal(order);
  if (captured > 0) {
    if (refunded >= captured) return 'refunded';
    if (refunded > 0) return 'partially_refunded';
    return captured >= state.totals.total ? 'paid' : 'partially_paid';
  }
  // A declined renewal beside a standing authorisation takes nothing away from it.
  const last = livePayment(order) ?? state.payments.at(-1);
  switch (last?.status) {
    case undefined:
    case 'pending':
      return 'none';
    case 'declined':
      return 'failed';
    case 'captured':
      return 'paid';
    default:
      return last!.status;
  }
}

/** The order's `fulfillment_status`, derived from its lines. */
export function deriveFulfillmentStatus(lines: OrderState['lines']): FulfillmentStatus {
  const every = (field: 'shipped' | 'delivered' | 'returned') => lines.every((line) => line[field] === line.quantity);
  const some = (field: 'shipped' | 'delivered') => lines.some((line) => line[field] > 0);
  if (every('returned')) return 'returned';
  if (every('delivered')) return 'delivered';
  if (some('delivered')) return 'partially_delivered';
  if (every('shipped')) return 'shipped';
  return some('shipped') ? 'partially_shipped' : 'unfulfilled';
}
