import type { PaymentStatus } from '#domain/order/status.ts';
import type { OrderBody, OrderSummaryBody } from './schemas.ts';

/** An `orders` row as pg reads it. */
export interface OrderRow {
  id: string;
  livemode: boolean;
  number: number;
  version: number;
  status: OrderBody['status'];
  payment_status: PaymentStatus;
  fulfillment_status: OrderBody['fulfillment_status'];
  attention: OrderBody['attention'];
  reason: string | null;
  currency: string;
  subtotal: number;
  discount: number;
  shipping: number;
  tax: number;
  total: number;
  authorized_amount: number;
  captured_amount: number;
  refunded_amount: number;
  customer_id: string;
  metadata: Record<string, string>;
  next_deadline_at: Date | null;
  placed_at: Date;
  confirmed_at: Date | null;
  closed_at: Date | null;
  updated_at: Date;
}

/** An `order_payments` row as json_agg writes it. */
export interface PaymentRow {
  id: string;
  provider: string;
  provider_ref: string | null;
  attempt: number;
  status: OrderBody['payments'][number]['attempt_status'];
  amount: number;
  authorized_amount: number;
  captured_amount: number;
  refunded_amount: number;
  capture_before: string | null;
  decline_code: string | null;
  failure_code: string | null;
  next_action_sealed: string | null;
  created_at: string;
}

/** An instant as the API writes it: ISO 8601 in UTC with milliseconds. */
export function at(value: Date | string): string;
export function at(value: Date | string | null): string | null;
export function at(value: Date | string | null): string | null {
  if (value === null) return null;
  return (typeof value === 'string' ? new Date(value) : value).toISOString();
}

/** Our states in the words of a card payment, which clients of payment providers know. */
const cardWords: Record<PaymentRow['status'], string> = {
  pending: 'processing',
  requires_action: 'requires_action',
  processing: 'processing',
  authorized: 'requires_capture',
  captured: 'succeeded',
  declined: 'requires_payment_method',
  voided: 'canceled',
  unknown: 'unknown',
};

export function paymentBody(row: PaymentRow): OrderBody['payments'][number] {
  return {
    id: row.id,
    provider: row.provider,
    provider_ref: row.provider_ref,
    attempt: row.attempt,
    status: cardWords[row.status],
    attempt_status: row.status,
    amount: row.amount,
    authorized_amount: row.authorized_amount,
    captured_amount: row.captured_amount,
    refunded_amount: row.refunded_amount,
    capture_before: at(row.capture_before),
    decline_code: row.decline_code ?? row.failure_code,
    created_at: at(row.created_at),
  };
}

export function summaryBody(row: OrderRow): Omit<OrderSummaryBody, 'line_count'> {
  return {
    id: row.id,
    number: row.number,
    status: row.status,
    payment_status: row.payment_status,
    fulfillment_status: row.fulfillment_status,
    attention: row.attention,
    reason: row.reason,
    currency: row.currency,
    totals: { subtotal: row.subtotal, discount: row.discount, shipping: row.shipping, tax: row.tax, total: row.total },
    authorized_amount: row.authorized_amount,
    captured_amount: row.captured_amount,
    refunded_amount: row.refunded_amount,
    customer_id: row.customer_id,
    metadata: row.metadata,
    livemode: row.livemode,
    version: row.version,
    next_deadline_at: at(row.next_deadline_at),
    placed_at: at(row.placed_at),
    confirmed_at: at(row.confirmed_at),
    closed_at: at(row.closed_at),
    updated_at: at(row.updated_at),
  };
}
