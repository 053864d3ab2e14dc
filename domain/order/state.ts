import type { Decline, ProviderCapabilities } from '../payments/port.ts';
import type { DisputeState } from './disputes.ts';
import type { TenantRef, TenantSettings } from '../tenant.ts';
import type { FulfillmentStatus, OrderStatus, PaymentAttemptStatus, PaymentStatus } from './status.ts';
import type { Totals } from './totals.ts';

/** Why an order waits for a person. `resolve` ends it. */
export interface Attention {
  code: AttentionCode;
  since: string;
  detail: string;
  /** The workflow whose step waits for the answer, where it is not the order's own: that one has ended. */
  by?: string;
}

export const attentionCodes = [
  'void_failed', 'capture_failed', 'refund_failed', 'payment_unknown', 'authorization_lapsing', 'authorization_lapsed',
  'payment_after_close', 'payment_disputed', 'renewal_declined', 'write_refused',
] as const;
export type AttentionCode = (typeof attentionCodes)[number];

/** A line as ordered, and how far its units have come. Amounts in minor units of the order's currency. */
export interface OrderLineState {
  id: string;
  sku: string;
  quantity: number;
  total: number;
  shipped: number;
  delivered: number;
  returned: number;
  /** Units whose price was given back by a refund by line. */
  refunded: number;
}

export interface PaymentConnection {
  id: string;
  provider: string;
  capabilities: ProviderCapabilities;
}

/** One payment attempt. The provider's idempotency keys hang on `attempt`, which never counts technical retries. */
export interface PaymentState {
  id: string;
  attempt: number;
  connectionId: string;
  provider: string;
  providerRef?: string;
  status: PaymentAttemptStatus;
  amount: number;
  authorized: number;
  captured: number;
  refunded: number;
  captureBefore?: string;
  decline?: Decline;
  requestedAt: string;
  capabilities: ProviderCapabilities;
  /** The method that was asked for; whether to keep it; and the one kept, for later off-session charges. */
  paymentMethod?: string;
  saveMethod?: boolean;
  savedMethod?: string;
  nextActionSealed?: string;
}

export interface ShipmentState {
  id: string;
  carrier: string;
  trackingNumber: string;
  lines: { sku: string; quantity: number }[];
  status: 'shipped' | 'delivered';
  capturedAmount: number;
  shippedAt: string;
  deliveredAt?: string;
}

export interface RefundState {
  id: string;
  paymentId: string;
  providerRef?: string;
  amount: number;
  status: 'pending' | 'succeeded' | 'failed' | 'canceled';
  reason: string;
  actor: string;
  lines?: { sku: string; quantity: number }[];
  failureCode?: string;
  createdAt: string;
}

/**
 * An order as its workflow holds it: the truth that the rows project. It goes through continue-as-new as it is,
 * so a change of its shape is a new `v` with a migration. Nothing personal: the contact stays in its sealed row.
 */
export interface OrderState {
  v: 1;
  id: string;
  number: number;
  scope: TenantRef;
  customerId: string;
  currency: string;
  /** Steps written so far: the row's version, and the fence of the next step. */
  seq: number;
  status: OrderStatus;
  /** Where `release` leads back to. */
  heldFrom?: OrderStatus;
  paymentStatus: PaymentStatus;
  fulfillmentStatus: FulfillmentStatus;
  attention: Attention | null;
  /** One of {@link disputes} is open. */
  disputed: boolean;
  disputes?: DisputeState[];
  reason?: string;
  totals: Totals;
  lines: OrderLineState[];
  /** Where its payments go: the tenant's account at a provider, and what that can do. */
  connection: PaymentConnection;
  payments: PaymentState[];
  shipments: ShipmentState[];
  refunds: RefundState[];
  /** Ids of commands that were carried out and made no part of their own, by command: see applied.ts. */
  applied?: Record<string, string[]>;
  /** True while units are held in stock for this order. */
  reserved: boolean;
  settings: TenantSettings;
  placedAt: string;
  expiresAt?: string;
  deliveredAt?: string;
  /** The authorisation whose end was already announced or handled. */
  lapseHandledFor?: string;
}

/** The payment that can still move money for this order: the newest that was not declined or voided. */
export function livePayment(state: OrderState): PaymentState | undefined {
  return state.payments.findLast((payment) => !['declined', 'voided'].includes(payment.status));
}

/** An authorisation with money left to capture. */
export function openAuthorization(state: OrderState): PaymentState | undefined {
  return state.payments.findLast((payment) => payment.status === 'authorized' && payment.authorized > payment.captured);
}

export function capturedTotal(state: OrderState): number {
  return state.payments.reduce((total, payment) => total + payment.captured, 0);
}

export function refundedTotal(state: OrderState): number {
  return state.payments.reduce((total, payment) => total + payment.refunded, 0);
}

/** What pending refunds have promised of a payment: the provider counts it as given back, the books not yet. */
export function promisedBack(state: OrderState, { id }: Pick<PaymentState, 'id'>): number {
  return state.refunds.filter(({ paymentId, status }) => paymentId === id && status === 'pending').reduce((sum, { amount }) => sum + amount, 0);
}

export function isClosed(state: OrderState): boolean {
  return ['completed', 'cancelled', 'expired', 'returned'].includes(state.status);
}
